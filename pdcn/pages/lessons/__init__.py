"""Lessons: ten minutes each, on the real pages, with a prediction before every result."""

from pdcn.shell.page import Page

PAGE = Page("lessons", "Lessons", ":material/school:", "Learn", "pdcn.pages.lessons.page")
