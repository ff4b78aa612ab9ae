"""Small made-up files in exactly the formats that people have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

START = 881_250_949
GENRES = ("Action", "Comedy", "Drama", "Thriller", "Children's")


def drawn(events: int, users: int, items: int, seed: int = 0) -> dict[str, Any]:
    """Users, items (popular ones more often) and increasing seconds of events."""
    draws = np.random.default_rng(seed)
    item = np.minimum(1 + (draws.pareto(1.0, events) * items / 12).astype(int), items)
    return {
        "user": np.append(np.arange(1, users + 1), draws.integers(1, users + 1, events - users)),
        "item": np.append(item[items:], np.arange(1, items + 1)),
        "seconds": START + np.sort(draws.integers(0, 10_000_000, events)),
        "rating": draws.integers(1, 6, events),
        "shuffled": draws.permutation(events),
    }


def lines(path: Path, rows: Sequence[Sequence[object]], separator: str, encoding: str = "utf-8") -> str:
    """Write rows to a file; its name."""
    path.write_text("".join(separator.join(map(str, row)) + "\n" for row in rows), encoding=encoding)
    return str(path)


def movielens_100k(folder: Path) -> tuple[str, str, str]:
    """u.data (tabs, no header), u.user and u.item (bars, Latin-1, an empty column, an item without a date)."""
    log = drawn(2_500, 60, 90)
    rows = list(zip(log["user"], log["item"], log["rating"], log["seconds"], strict=True))
    events = lines(folder / "u.data", [rows[at] for at in log["shuffled"]], "\t")
    jobs = ("technician", "other", "writer")
    people = [(one, 20 + one % 45, "MF"[one % 2], jobs[one % 3], f"{7 * one:05}") for one in range(1, 61)]
    flags = [[(one + place) % 4 // 3 for place in range(19)] for one in range(91)]
    films = [
        (one, f"Café {one}, The (19{50 + one % 45})", f"{1 + one % 28:02}-Jan-19{50 + one % 45}", "", f"http://x/{one}")
        for one in range(1, 91)
    ]
    films[66] = (67, "unknown", "", "", "")
    items = [(*film, *flags[film[0]]) for film in films]
    return events, lines(folder / "u.user", people, "|"), lines(folder / "u.item", items, "|", "latin-1")


def movielens_1m(folder: Path) -> tuple[str, str, str]:
    """ratings.dat, users.dat and movies.dat: two colons, genres in one cell, bars between them."""
    log = drawn(2_500, 60, 90)
    rows = list(zip(log["user"], log["item"], log["rating"], log["seconds"], strict=True))
    events = lines(folder / "ratings.dat", sorted(rows), "::")
    ages = (1, 18, 25, 35, 45, 50, 56)
    people = [(one, "FM"[one % 2], ages[one % 7], one % 21, f"{48067 + one}") for one in range(1, 61)]
    films = [
        (
            one,
            f'Étude {one}: The "Film", Part 2 (19{50 + one % 45})',
            "|".join(sorted({GENRES[one % 5], GENRES[one % 3]})),
        )
        for one in range(1, 91)
    ]
    return (events, lines(folder / "users.dat", people, "::"), lines(folder / "movies.dat", films, "::", "latin-1"))


def ta_feng(folder: Path) -> str:
    """One wide table: dates with the month first, padded ids, bar codes, and amounts that are known afterwards."""
    log = drawn(3_000, 70, 80)
    draws = np.random.default_rng(1)
    cost = draws.lognormal(3.0, 1.0, 81).round() + 5
    rows: list[Sequence[object]] = [
        tuple(
            f'"{name}"'
            for name in (
                *("TRANSACTION_DT", "CUSTOMER_ID", "AGE_GROUP", "PIN_CODE", "PRODUCT_SUBCLASS", "PRODUCT_ID", "AMOUNT"),
                *("ASSET", "SALES_PRICE"),
            )
        )
    ]
    for at in range(3_000):
        user, item, day = int(log["user"][at]), int(log["item"][at]), int(at * 110 / 3_000)
        month, date = ((11, 1 + day) if day < 30 else (12, day - 29)) if day < 61 else (1, min(31, day - 60))
        amount = int(draws.integers(1, 4))
        price = int(cost[item] * amount * draws.uniform(0.9, 1.1))
        rows.append(
            (
                f'"{month}/{date}/{2000 if month > 1 else 2001}"',
                f'"{user * 1069:08}"',
                f'"{("25-29", "30-34", "35-39", "40-44")[user % 4]}"',
                f'"{(114, 115, 221)[user % 3]}"',
                f'"{100201 + 7 * (item % 12)}"',
                f'"{4710199010000 + item}"',
                *(f'"{number}"' for number in (amount, int(0.8 * price), price)),
            )
        )
    return lines(folder / "ta_feng.csv", rows, ",")


def bare(folder: Path, name: str = "bare.csv", events: int = 1_500, header: bool = True) -> str:
    """A log of a user, an item and a moment, nothing else. Users are padded with noughts."""
    log = drawn(events, 40, 60)
    stamps = np.array(log["seconds"], "datetime64[s]")
    rows: list[Sequence[object]] = [
        (f"{user:03}", f"p{item}", str(stamp).replace("T", " "))
        for user, item, stamp in zip(log["user"], log["item"], stamps, strict=True)
    ]
    return lines(folder / name, [("user", "item", "time"), *rows] if header else rows, ",")
