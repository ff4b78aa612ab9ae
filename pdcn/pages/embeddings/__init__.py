"""Embeddings: maps of both arms, and the numbers that a map can't show."""

from pdcn.jobs.analysis import Recipe
from pdcn.pages.embeddings.words import LAYING_OUT, MEASURING
from pdcn.shell.page import Page

SPACE = Recipe(
    "space",
    MEASURING,
    "pdcn.pages.embeddings.work.space_job",
    {"queries": 3_000, "items": 100_000},
    version=2,
    snapshots=True,
    remarks=True,
)
LAYOUT = Recipe(
    "layout",
    LAYING_OUT,
    "pdcn.pages.embeddings.work.layout_job",
    {
        "left": "parallel",
        "right": "sequential",
        "seed": 0,
        "points": "items",
        "dimensions": 2,
        "neighbours": 15,
        "distance": 0.1,
        "draw": 0,
        "queries": 3_000,
        "items": 100_000,
        "over_training": False,
    },
    bounds={
        "dimensions": (2, 3),
        "distance": (0, 0.99),
        "draw": (0, 2**31 - 1),
        "neighbours": (2, 1_000),
        "seed": (0, 2**31 - 1),
    },
    arms=("left", "right"),
    snapshots=True,
    showcase=(
        *({"points": points, "dimensions": d} for points in ("items", "queries", "both") for d in (2, 3)),
        {"over_training": True},
    ),
)
KEYS = (
    *("map_method", "map_points", "map_dimensions", "map_seed", "map_neighbours", "map_distance", "map_draw"),
    *("map_colour_", "map_find", "map_point", "map_follow", "film_shown", "film_method"),
)
PAGE = Page(
    "embeddings",
    "Embeddings",
    ":material/scatter_plot:",
    "Look inside",
    "pdcn.pages.embeddings.page",
    (SPACE, LAYOUT),
    keys=KEYS,
)
