"""Fields are what their cells say, fitted on the training part alone; history is what a slow reference sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdcn.dials import assemble
from pdcn.settings import SettingError
from pdcn.sources import load
from pdcn.sources.cache import load as read_npz
from pdcn.sources.dataset import Dataset
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import MISSING, UNKNOWN, SequenceField
from pdcn.sources.journey_events import RECENCY_EDGES
from pdcn.sources.own import OwnData
from pdcn.sources.table import encoded_columns
from pdcn.sources.table.draft import EVENTS, Files, begin, edit
from pdcn.sources.table.importing import import_data
from pdcn.sources.table.prepare import own_data
from tests.unit.sources.table.formats_help import drawn

N, TRAIN = 800, 680


def dataset_of(tmp_path: Path, columns: dict[str, object], roles: dict[str, str], **settings: object) -> Dataset:
    """The dataset of a log with more columns, of which some roles are chosen."""
    log = drawn(N, 30, 50)
    plain = {"user": log["user"], "item": log["item"], "time": log["seconds"]}
    pd.DataFrame({**plain, **columns}).to_csv(tmp_path / "log.csv", index=False)
    import_data(edit(begin(Files(str(tmp_path / "log.csv"))), roles=roles), "mine", replacing=True)
    return load(OwnData.model_validate({"dataset": "mine", **settings}))


def bag(table: Table, name: str) -> list[list[str]]:
    """The values of a bag, row by row."""
    (at,) = [place for place, field in enumerate(table.bags) if field.name == name]
    return [[table.bags[at].values[code] for code in row if code] for row in table.held[at]]


def test_several_values_in_a_cell_are_a_bag_of_what_training_has(tmp_path: Path) -> None:
    tags = [f"t{at % 5}|t{at % 3}|t{at % 5}" for at in range(N)]
    tags[10], tags[-1] = "", "t1|late|t2"
    dataset = dataset_of(tmp_path, {"tags": tags}, {"tags": "query-multi"})
    held = bag(dataset.queries, "tags")
    assert held[4] == ["t4", "t1"]
    assert held[6] == ["t1", "t0"]
    assert held[10] == [MISSING]
    assert held[-1] == ["t1", "t2"]  # what training has not seen is not known


def test_words_of_a_text_have_codes_which_they_share_where_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"Red Shoe {at % 300}, size {at % 7}" for at in range(N)]
    dataset = dataset_of(tmp_path, {"text": texts}, {"text": "query-text"})
    assert bag(dataset.queries, "text")[291] == ["red", "shoe", "291", "size", "4"]
    monkeypatch.setattr(encoded_columns, "BUCKETS", 50)
    shared = own_data(OwnData(dataset="mine"))
    (field,) = shared.queries.bags
    assert (len(field.values), field.places) == (51, 5)
    red = shared.queries.held[0][:, 0]
    assert len({*red.tolist()}) == 1
    assert "red" in field.values[red[0]].split(" / ")


def test_the_most_frequent_values_have_a_code_and_the_others_share_some(tmp_path: Path) -> None:
    shops = [f"s{at % 2}" if at % 3 else f"rare {at % 50}" for at in range(N)]
    plain = dataset_of(tmp_path, {"shop": shops}, {"shop": "query-category"}, earlier_items=3)
    own = load(OwnData(dataset="mine", earlier_items=3, most_values=6))
    for before, now in ((plain.queries, own.queries), (plain.items, own.items)):
        for field, other, codes, found in zip(
            before.categories, now.categories, before.single.T, now.single.T, strict=True
        ):
            assert ((codes == 0) == (found == 0)).all()
            pairs = np.unique(np.stack([codes, found], 1), axis=0)
            assert len(pairs) == len(np.unique(codes))  # a value has one code, whatever its row
            counts = np.bincount(codes[:TRAIN] if before is plain.queries else codes, minlength=len(field.values))[1:]
            alone = {value for value in other.values[1:7] if value in field.values}
            if len(field.values) > 7:
                assert len(alone) == 6
                least = min(counts[field.values.index(value) - 1] for value in alone)
                assert sum(counts > least) < 6
    (sequence,), (held,) = own.queries.bags, plain.queries.held
    assert isinstance(sequence, SequenceField)
    assert ((held == 0) == (own.queries.held[0] == 0)).all()
    assert own.queries.of_bags[0][:, 3:].tolist() == plain.queries.of_bags[0][:, 3:].tolist()  # how long ago


def test_numbers_are_standardised_with_what_training_has_and_missing_ones_have_a_code(tmp_path: Path) -> None:
    prices = np.random.default_rng(0).lognormal(2, 1, N).round(2)
    prices[TRAIN:] *= 50
    cells = [f"{price:.2f}".replace(".", ",") for price in prices]
    cells[3] = ""
    dataset = dataset_of(tmp_path, {"price": cells}, {"price": "query-number"})
    (field,) = dataset.queries.numbers
    assert field.log == "ln"
    known = np.log(np.delete(prices[:TRAIN], 3))
    assert (field.mean, field.scale) == pytest.approx((known.mean(), known.std()))
    assert dataset.queries.values[3, 0] == 0
    assert dataset.queries.values[TRAIN:, 0] == pytest.approx(
        (np.log(prices[TRAIN:]) - known.mean()) / known.std(), abs=1e-5
    )
    at = [one.name for one in dataset.queries.categories].index("price_given")
    given = dataset.queries.categories[at]
    assert [given.values[code] for code in dataset.queries.codes[2:5, at]] == ["given", MISSING, "given"]
    plain = load(OwnData(dataset="mine", gaps=False)).queries
    assert [field.name for field in plain.categories] == [
        one.name for one in dataset.queries.categories if one is not given
    ]
    assert plain.values.tolist() == dataset.queries.values.tolist()


def test_quantiles_are_those_of_training(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).permutation(N) / 8
    dataset = dataset_of(tmp_path, {"score_of": numbers}, {"score_of": "query-quantiles"})
    at = [one.name for one in dataset.queries.categories].index("score_of")
    counts = np.bincount(dataset.queries.codes[:TRAIN, at])
    assert counts.tolist() == [0] + [TRAIN // 10] * 10


def test_values_that_training_lacks_are_unknown_and_empty_ones_missing(tmp_path: Path) -> None:
    shops = [f"s{at % 4}" for at in range(N)]
    shops[7], shops[-2] = "", "new"
    dataset = dataset_of(tmp_path, {"shop": shops}, {"shop": "query-category"})
    at = [one.name for one in dataset.queries.categories].index("shop")
    field = dataset.queries.categories[at]
    assert field.values == (UNKNOWN, MISSING, "s0", "s1", "s2", "s3")
    words = [field.values[code] for code in dataset.queries.codes[:, at]]
    assert (words[6:9], words[-2]) == (["s2", MISSING, "s0"], UNKNOWN)


def test_items_that_training_lacks_have_no_code_of_their_own(tmp_path: Path) -> None:
    log = drawn(N, 30, 50)
    dataset = dataset_of(tmp_path, {}, {})
    trained = {*map(str, log["item"][:TRAIN])}
    codes = dict(zip(dataset.item_names, dataset.items.codes[:, 0].tolist(), strict=True))
    assert len(codes) == 50
    assert {name for name, code in codes.items() if code} == trained


def test_history_is_what_the_user_chose_strictly_before(tmp_path: Path) -> None:
    log = drawn(N, 30, 50)
    seconds = log["seconds"] // 40_000 * 40_000  # many at one moment
    dataset = dataset_of(tmp_path, {"time": seconds}, {}, earlier_items=3)
    (field,) = dataset.queries.bags
    assert isinstance(field, SequenceField)
    at = {number.name: place for place, number in enumerate(dataset.queries.numbers)}
    items, ago = np.split(dataset.queries.of_bags[0], 2, axis=1)
    for row in range(0, N, 7):
        earlier = [
            other
            for other in range(N)
            if dataset.user[other] == dataset.user[row] and dataset.when[other] < dataset.when[row]
        ]
        earlier.sort(key=lambda other: (dataset.when[other], dataset.positive[other]), reverse=True)
        expected = [dataset.positive[other] + 1 for other in earlier[:3]]
        assert items[row].tolist() == expected + [0] * (3 - len(expected))
        days = [(dataset.when[row] - dataset.when[other]) / 86_400 for other in earlier[:3]]
        assert ago[row].tolist() == [*(np.digitize(days, RECENCY_EDGES) + 1), *[0] * (3 - len(days))]
        counted = dataset.queries.numbers[at["earlier_count"]]
        assert float(counted.raw(float(dataset.queries.values[row, at["earlier_count"]]))) == pytest.approx(
            len(earlier), abs=1e-3
        )
    import_data(edit(begin(Files(str(tmp_path / "log.csv"))), split="random"), "mine", replacing=True)
    with pytest.raises(SettingError, match="earlier_items: expected 0"):
        load(OwnData(dataset="mine", earlier_items=3))


def test_weekday_and_hour_are_those_of_the_moment(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, {}, {})
    weekday, hour = (
        [field.values[code] for code in dataset.queries.codes[:, at]]
        for at, field in enumerate(dataset.queries.categories)
        if field.name in ("weekday", "hour")
    )
    when = pd.to_datetime(dataset.when, unit="s")
    assert [day[2:] for day in weekday[:TRAIN]] == when[:TRAIN].strftime("%a").tolist()
    assert hour[:TRAIN] == [f"{one:02} h" for one in when[:TRAIN].hour]
    without = load(OwnData(dataset="mine", moments=False, own_ids=False))
    assert [field.name for field in without.queries.fields] == ["all"]  # a tower needs some field


@pytest.mark.parametrize("written", ["epoch", "clock", "with zone"])
def test_weekday_and_hour_are_those_of_a_zone(tmp_path: Path, written: str) -> None:
    """Of moments those that clocks showed there; of what clocks showed, the moments that it was."""
    seconds = drawn(N, 30, 50)["seconds"]
    moments = pd.to_datetime(seconds, unit="s", utc=True).tz_convert("America/New_York")
    form = {"epoch": None, "clock": "%Y-%m-%d %H:%M:%S", "with zone": "%Y-%m-%dT%H:%M:%S%z"}[written]
    times = list(moments.strftime(form)) if form else list(seconds)
    dataset = dataset_of(tmp_path, {"time": times}, {}, zone="America/New_York")
    assert dataset.zone == "America/New_York"
    assert sorted(dataset.when.tolist()) == sorted(seconds.tolist())
    at = {field.name: place for place, field in enumerate(dataset.queries.categories)}
    order = np.argsort(seconds, kind="stable")
    hours = [dataset.queries.categories[at["hour"]].values[code] for code in dataset.queries.codes[:, at["hour"]]]
    known = [(told, f"{hour:02} h") for told, hour in zip(hours, moments.hour[order], strict=True) if told != UNKNOWN]
    assert len(known) > N / 2
    assert all(told == expected for told, expected in known)


def test_a_zone_that_is_none_is_one_sentence() -> None:
    with pytest.raises(
        SettingError, match=r"zone: expected the name of a time zone, such as Europe/Berlin, got 'Bonn'"
    ):
        assemble({"data": "own", "dataset": "mine", "zone": "Bonn"})


def test_it_comes_back_from_the_cache_as_it_was(tmp_path: Path, home: Path) -> None:
    dataset = dataset_of(tmp_path, {"tags": [f"a{at % 5}|b{at % 3}" for at in range(N)]}, {}, earlier_items=2)
    (kept,) = (home / "cache").glob("own-*.npz")
    assert read_npz(kept).hash == dataset.hash
    assert read_npz(kept).zone == "UTC"


def test_what_an_item_is_called(tmp_path: Path) -> None:
    items = pd.DataFrame(
        {"item": range(1, 51), "title": ["A red shoe of size three"] * 2 + [f"Some shoe no {at}" for at in range(48)]}
    )
    log = drawn(N, 30, 50)
    pd.DataFrame({"user": log["user"], "item": log["item"], "time": log["seconds"]}).to_csv(
        tmp_path / "log.csv", index=False
    )
    items.to_csv(tmp_path / "items.csv", index=False)
    draft = begin(Files(str(tmp_path / "log.csv"), items=str(tmp_path / "items.csv")))
    assert draft.columns[EVENTS][1].role == "item"
    import_data(draft, "mine")
    names = load(OwnData(dataset="mine")).item_names
    assert names[:2] == ("A red shoe of size three · #1", "A red shoe of size three · #2")
