"""Lessons: ten minutes each, on the real pages, with a prediction before every result."""

from pdcn.shell.page import Page

KEYS = ("lessons", "lesson_showcase", "thinking-")
PAGE = Page(
    "lessons",
    "Lessons",
    ":material/school:",
    "Learn",
    "pdcn.pages.lessons.page",
    keys=KEYS,
    above="pdcn.pages.lessons.page.line",
)
"""The Lessons page."""
