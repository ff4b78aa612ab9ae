"""Story: the question told with one shopper and one product, and the answer so far. The page that opens the app."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.story.work.words import FOLLOWING
from pdcn.shell.page import Page

STORY = Recipe("story", FOLLOWING, "pdcn.pages.story.work.job")
PAGE = Page(
    "story",
    "Story",
    ":material/menu_book:",
    "Learn",
    "pdcn.pages.story.page",
    (STORY,),
    keys=("story_side", "story_block"),
)
