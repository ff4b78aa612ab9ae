"""A report in each of the forms that it can have, by the ending of its file."""

from __future__ import annotations

from collections.abc import Callable

from pdcn.report.facts import Report


def _html(report: Report) -> bytes:
    from pdcn.report.document import document

    return document(report).encode()


def _pdf(report: Report) -> bytes:
    from pdcn.report.card import card

    return card(report, "pdf")


def _png(report: Report) -> bytes:
    from pdcn.report.card import card

    return card(report, "png")


FORMS: dict[str, Callable[[Report], bytes]] = {".html": _html, ".pdf": _pdf, ".png": _png}
"""What writes each form, by the ending of its file."""
