"""Every sentence of the Embeddings page, with the labels and the help of its controls."""

from __future__ import annotations

from pdcn import glossary
from pdcn.words import Sentence

TITLE = "Where the towers put things"

# the work
MEASURING, LAYING_OUT = "measuring the embedding space", "laying out the map"
COMPARING, FOLLOWING = "comparing arms and seeds", "following the items through training"
IMPORTING = "importing UMAP, which compiles itself: ten to thirty seconds"
NEARING = Sentence("map {map} of {maps}: who is near whom", map=1, maps=6)
MOVING_POINTS = Sentence("map {map} of {maps}: moving {points} points", map=1, maps=6, points="5,159")
SECONDS, MINUTES = Sentence("{count} seconds", count="20"), Sentence("{count} minutes", count="2")

# the lead
LEAD_NO_MORE = Sentence(
    "Of an item's ten nearest neighbours, {arm} and {other} share {between}. Two seeds of one arm can differ as much "
    "({low} to {high} shared).",
    arm="parallel",
    other="sequential",
    between="24%",
    low="24%",
    high="37%",
)
LEAD_MORE = Sentence(
    "Of an item's ten nearest neighbours, {arm} and {other} share {between}. Any two seeds of one arm share "
    "more ({low} to {high}).",
    arm="parallel",
    other="sequential",
    between="14%",
    low="24%",
    high="37%",
)
LEAD_BETWEEN = Sentence(
    "Of an item's ten nearest neighbours, {arm} and {other} share {between}.",
    arm="parallel",
    other="sequential",
    between="24%",
)
LEAD_ALONE = "Points that are near each other get much the same scores."

# the controls
MAP = "Map"
MAP_HELP = (
    "PCA comes first: it is there at once, and drawn again it is the same. It looks along the directions of widest "
    "spread. UMAP bends the space so that near points stay near; that takes seconds, once, and another draw differs."
)
POINTS = "Points of the map"
POINTS_HELP = Sentence("Items of the catalogue, queries (test events), or both in the one space that they share.")
DIMENSIONS = "Dimensions"
COLOUR_BY = "Colour by"
SHARED = "Nearest ten that both arms share"
ITEMS_AND_QUERIES = "Items and queries"
TIMES_CHOSEN = "Times chosen in training, log10"
OF_SIDE = Sentence("{field} ({side})", field="Department", side="item")
QUERY = "query"
ASKED_AND_CHOSEN = Sentence(
    "{who}, {when} UTC → {item}", who="Household 7", when="Sunday 26 November 2017, 20:43", item="Soft drinks"
)
SEED_AND_METHOD = Sentence("seed {seed} · {method}", seed=0, method="UMAP")
AFTER_STEP = "after step "
PLAY, PAUSE = "▶ Play", "❚❚ Pause"
SEED = "Seed"
SEED_HELP = f"{glossary.SEED} Another seed makes another map."
MORE = "More"
FIND = "Find"
FIND_PLACEHOLDER = "name or value"
FIND_HELP = Sentence("Selects every point whose name or any field's value holds these letters, on both maps.")
CLEAR = "Clear selection"
UMAP_OFFER = Sentence(
    "This map is not worked out yet. UMAP runs beside the page: about {time} here, and up to half a minute more the "
    "first time on a computer, while it compiles itself.",
    time="20 seconds",
)
UNTIL_THEN = Sentence("Until then this is PCA: the two or three directions along which the points differ most.")
UMAP_SETTINGS = Sentence(
    "UMAP's settings: {neighbours} neighbours, least distance {distance:.2f}, random seed {seed}",
    neighbours=15,
    distance=0.1,
    seed=0,
)
NEIGHBOURS = "Neighbours"
NEIGHBOURS_HELP = "How many neighbours of each point count: few show detail, many the rough shape."
DISTANCE = "Least distance"
DISTANCE_HELP = "How tightly points may be packed."
RANDOM_SEED = "Random seed"
RANDOM_SEED_HELP = Sentence("Of UMAP's own random numbers. Do not believe a structure that another seed does not show.")

# the maps
MAP_OF = Sentence("Map of {count:,} {points} by {arm}", count=2159, points="items", arm="parallel")
UNDER_THE_MAPS = (
    "Trust neighbours, not distances: the axes mean nothing. Click a point, or draw around some with the lasso, to see "
    "what is near them."
)
UNDER_DISTORTED_MAPS = (
    "Do not trust gaps or clumps here. The axes mean nothing. Click a point, or lasso some, to see which are truly "
    "near."
)
UNDER_THE_MAPS_3D = "Trust neighbours, not distances: the axes mean nothing. Turn a map by dragging it."
COLLAPSED = Sentence(
    "**A collapsed space.** {said}", said="All 300 of the item vectors of parallel are the same: nothing is nearer."
)
COLLAPSED_MAP = Sentence(
    "**A collapsed space.** {said} The map shows no more than that.",
    said="All 300 of the item vectors of parallel are the same: nothing is nearer.",
)
WHOSE = {
    "items": Sentence("the item vectors of {arm}", arm="parallel"),
    "queries": Sentence("the query vectors of {arm}", arm="parallel"),
    "both": Sentence("the vectors of {arm}", arm="parallel"),
}
BOTH_MAPS = "both maps"
MAP_OF_ARM = Sentence("the map of {arm}", arm="parallel")
DISTORTED = Sentence(
    "**A distorted picture.** On {maps}, many points look close that are far apart in the full space.", maps=BOTH_MAPS
)
DISTORTED_PCA = Sentence(
    "**A distorted picture.** On {maps}, many points look close that are far apart in the full space. PCA comes "
    "first because it needs no wait and never changes. UMAP usually keeps neighbours better.",
    maps=BOTH_MAPS,
)
TRUST = Sentence(
    "**{arm}:** Trustworthiness **{trust:.3f}**. On average **{kept:.1f}** of the {nearest} nearest on the map are "
    "among the {nearest} nearest in the full space.",
    arm="parallel",
    trust=0.68,
    kept=0.6,
    nearest=10,
)
TRUST_MEANS = Sentence(
    "Trustworthiness 1 means that whoever is near on the map is near in the full space. A random map scores about 0.5. "
    "Below {least} more than a fifth of that error is left, and the map says so. Venna & Kaski (2001), {nearest} "
    "neighbours, measured on {rows:,} of the {points:,} points, each against all.",
    least=0.9,
    nearest=10,
    rows=2159,
    points=2159,
)
READING = Sentence(
    "Points near each other are given much the same scores. **It does not show** distances across the picture: UMAP "
    "keeps who is near whom, PCA only the widest spread; another seed looks different."
)
ALIGNED = Sentence(
    "Both maps have the same window. The right map is turned onto the left one: after that, an item's two positions "
    "are {share} as far apart as random points.",
    share="64%",
)
DRAWN_NEARER = "Small groups that UMAP throws far out are drawn nearer."
QUERIES_ARE = Sentence("Queries are {count:,} test events, evenly spaced in time.", count=3000)
SAMPLED = Sentence("{drawn:,} of {every:,} points are drawn, evenly spaced.", drawn=6000, every=9000)
SELECT_IN_3D = "To select points, use the search, or two dimensions."
MAPS_CSV = "These maps as CSV"

# a selection
SELECTED = Sentence(
    "{count:,} of {total:,} points selected, {how}", count=12, total=2159, how="by a lasso on the map of parallel"
)
SELECTED_SOMEHOW = Sentence("{count:,} selected", count=12)
BY = {
    "lasso": Sentence("by a lasso on the map of {arm}", arm="parallel"),
    "box": Sentence("by a box on the map of {arm}", arm="parallel"),
    "click": Sentence("by a click on the map of {arm}", arm="parallel"),
}
BY_SEARCH = Sentence("with “{sought}” in a name or a field", sought="milk")
NOTHING_LIKE_THAT = "No point is like that. Try fewer letters, or clear the selection."
NOTHING_IN_COMMON = Sentence("The {selected} have no value more often than all of them do.", selected="12 items")
IN_COMMON = Sentence(
    "What the {selected} have in common: values more frequent here than among all {every:,}",
    selected="12 items",
    every=2159,
)
OF_THE_SELECTED, OF_ALL = "of the selected", "of all"
NEIGHBOURS_OF = "Neighbours of"
NEIGHBOURS_OF_FIRST = Sentence("Neighbours of (the first {listed} of {count:,})", listed=200, count=1513)
NEIGHBOURS_OF_HELP = "One of the selected points."
IN_WORDS = "This point in words"
FIELD, VALUE = "field", "value"
ITEM, SCORE, PLACE = "item", "score", "place"
CHOSEN_MARK, BOTH_MARK = "✓ chosen", "in both"
CHOSEN_AT = Sentence(
    "**{arm}** · what was chosen is at place {place:,} of {items:,}", arm="parallel", place=12, items=2159
)
CHOSEN_TIED = Sentence(
    "**{arm}** · what was chosen is at place {place:,} of {items:,}, tied with {tied:,} more",
    arm="parallel",
    place=12,
    items=2159,
    tied=3,
)
NEAR_AN_ITEM = (
    "The items nearest to this item in all dimensions. The score is the cosine of the angle between them, 1 at most. "
    "**It does not show** why they are near, nor whether anybody would want them."
)
NEAR_A_QUERY = Sentence(
    "The items that this query would be shown. The score is the product of the two towers' outputs, before the "
    "temperature. **It does not show** why they are near, nor whether anybody would want them."
)
IN_BOTH_LISTS = Sentence("{common} of the {listed} are in both lists.", common=4, listed=10)
SHARES = Sentence(
    "Share of the {nearest} nearest that both arms have in common: {shares}.",
    nearest=10,
    shares="selected items 31%, all items 24%",
)
SHARE_OF = Sentence("selected {called} {some}, all {called} {all}", called="items", some="31%", all="24%")

# over training
FILM = "Over training: how these maps came to be"
NO_SNAPSHOTS = "This run kept no weights of the way there. Train it again to see its space come to be."
SHOW_FILM = "Show the film"
SHOW_FILM_HELP = "The maps at every snapshot of training, to be played. Drawing it takes a second."
FILM_METHOD = "Film"
FOLLOW = "Follow the selection"
FOLLOW_HELP = "Only the selected items keep their colour."
FILM_IS = Sentence("Both arms at each snapshot of training, with play, pause and a slider.")
FILM_UNTIL_THEN = Sentence("Until then this is PCA.")
NOTHING_SELECTED = Sentence("Nothing is selected yet; select some items on the maps above.")
FILM_ALT = "The items on the map at each snapshot of training"
FILM_SAMPLE = Sentence("{drawn:,} of {every:,} items, evenly spaced", drawn=1500, every=9000)
FILM_ALL = Sentence("All {drawn:,} items", drawn=2159)
FILM_READING = Sentence(
    "{items}, seed {seed}, coloured by {colour}, at {count} snapshots. Each map is turned onto the one after it. The "
    "{between} frames between two snapshots are drawn on a straight line; ≈ marks their steps. **It does not show** "
    "the way that the points really took between two snapshots, nor how well each moment's map can be trusted.",
    items="All 2,159 items",
    seed=0,
    colour="department",
    count=10,
    between=3,
)

# the numbers
NUMBERS = "What no picture shows: numbers of the full space"
ALONE = "**Each arm by itself**, mean and [range] over its seeds"
AGREE = "**How far two models agree**"
QUANTITIES = {
    ("effective rank", "items"): (
        "Effective rank, items",
        Sentence("how many directions the items make use of, at most {width}", width=32),
        "exp of the entropy of the shares of the singular values (Roy & Vetterli 2007), of the centred vectors.",
    ),
    ("effective rank", "queries"): ("Effective rank, queries", "the same of the queries", ""),
    ("alignment", "queries"): (
        "Alignment",
        "how far a query lies from what was chosen: 0 the same place, 2 a right angle",
        "Mean squared distance on the unit sphere (Wang & Isola 2020).",
    ),
    ("uniformity", "items"): (
        "Uniformity, items",
        "0 all in one place, the lower the more evenly spread",
        "Log of the mean of exp(-2 distance squared) over all pairs on the unit sphere (Wang & Isola 2020).",
    ),
    ("uniformity", "queries"): ("Uniformity, queries", "the same of the queries", ""),
    ("hubness", "items"): (
        "Hubness among items",
        "0 all come equally often, large: a few are near everything",
        "Skewness of how often an item is among the ten nearest of another (Radovanović et al. 2010).",
    ),
    ("hubness", "queries"): (
        "Hubness of the lists",
        "0 all are shown equally often, large: a few are shown to everybody",
        "Skewness of how often an item is among the first ten of a query (Radovanović et al. 2010).",
    ),
}
"""What each number is called, what it says in a line, and where it comes from."""
PAIRS = {
    ("overlap", "items", 10): "10 nearest of an item",
    ("overlap", "items", 50): "50 nearest of an item",
    ("overlap", "queries", 10): "first 10 of a query",
    ("overlap", "queries", 50): "first 50 of a query",
    ("CKA", "items", 0): "linear CKA, items",
    ("CKA", "queries", 0): "linear CKA, queries",
}
ONE_SEED = Sentence("seed {seed}", seed=0)
TWO_SEEDS = Sentence("seeds {seed} and {other}", seed=0, other=1)
AGREEMENT_READING = Sentence(
    "A dot is a pair of models: the share of neighbours that both have, or their linear CKA. By chance {ten:.1%} of 10 "
    "and {fifty:.1%} of 50 neighbours agree. Two seeds of one wiring are the yardstick. **It does not show** which of "
    "two models is right where they differ.",
    ten=0.005,
    fifty=0.023,
)
BY_CHANCE_ALONE = "Where one of two spaces is collapsed, their neighbours agree by chance alone."
NOTHING_TO_COMPARE = Sentence("With one arm and one seed there is nothing to hold this against.")
QUERIES = Sentence(
    "Queries: {queries:,} test events, evenly spaced. Neighbours are sought among all {items:,} items.",
    queries=3000,
    items=2159,
)
QUERIES_OF_SAMPLE = Sentence(
    "Queries: {queries:,} test events, evenly spaced. Neighbours are sought among all {items:,} items, for {sample:,} "
    "of them.",
    queries=3000,
    items=9000,
    sample=5000,
)
AGREEMENT_AXIS = "agreement (%)"
TWO_SEEDS_OF = Sentence("two seeds of {arm}", arm="parallel")
SAME_SEED = Sentence("{arm} and {other}, same seed", arm="parallel", other="sequential")

# spaces in which who is near whom says nothing

ALL_THE_SAME = Sentence(
    "All {rows} of {vectors} are the same: nothing is nearer to one than to another.",
    rows="300",
    vectors="the item vectors of parallel, seed 0,",
)
NEARLY_ONE_PLACE = Sentence(
    "All {rows} of {vectors} lie nearly in one place, so who is near whom is chance. They spread {spread} of their "
    "length, which is less than {least}.",
    rows="300",
    vectors="the item vectors of parallel, seed 0,",
    spread="1e-06",
    least="0.001",
)
FEW_DIFFER = Sentence(
    "Of {rows} of {vectors} only {differ} differ. Most are as near to many others as to each other.",
    rows="300",
    vectors="the item vectors of parallel, seed 0,",
    differ="12",
)
VECTORS_OF = {
    "items": Sentence("the item vectors of {arm}, seed {seed},", arm="parallel", seed=0),
    "queries": Sentence("the query vectors of {arm}, seed {seed},", arm="parallel", seed=0),
}
COLLAPSED_SPACE = Sentence(
    "A collapsed space. {found}", found="All 300 of the item vectors of parallel, seed 0, are the same."
)
VALUE_HOVER = Sentence(
    "{point}<br>{label}: {value}<extra></extra>", point="Cottage cheese", label="Department", value="Grocery"
)
PAIR_HOVER = Sentence(
    "{row}<br>{pair} ({seeds}): {share}%<extra></extra>",
    row="nearest 10",
    pair="two seeds of parallel",
    seeds="0 and 1",
    share="41.2",
)

# what is said where a map can't be drawn

TOO_FEW_POINTS = Sentence("layout: expected more points than neighbours, got {points} points", points=12)
NO_UMAP = Sentence("layout: expected umap-learn, which can't be imported here ({why})", why="No module named 'umap'")
NO_SUCH_POINTS = Sentence(
    "layout: expected points among {known}, got {points}", known="items, queries, training", points="'users'"
)
NO_SUCH_SIDES = Sentence(
    "layout: expected left or right among {arms}, got {sides}", arms="parallel, sequential", sides="deep and edcn"
)
NO_SUCH_SEED = Sentence("layout: expected a seed whose weights of {arm} are kept, got {seed}", arm="parallel", seed=7)
