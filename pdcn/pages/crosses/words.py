"""Every sentence of the Crosses page, with the labels and the help of its controls."""

from __future__ import annotations

from pdcn import glossary
from pdcn.words import Sentence

TITLE = "What the crosses learned"

# the work
MEASURING = "measuring every block of the cross layers"
LOOKING_UP = "looking the values up"
TAKING_AWAY = "taking every cross away and measuring anew"
INTERVALS = "drawing the intervals"
HIGH = Sentence("high, {value}", value="12.50 dollars")

# what can't be shown
NO_CROSSES = Sentence(
    "No arm here has a cross layer, so there is no cross to look at. Choose arms with one on the Compare page."
)
UNSEEN = Sentence(
    "The {side} tower: {why} What each pair of fields is worth can be measured all the same: {command}",
    side="query",
    why="Cross layers of this kind have no one matrix.",
    command="`python -m pdcn inspect showcase --kind importance`",
)
ACROSS = Sentence(
    "{arm}: {across} of the {many} largest crosses join a field of the query with one of the item. Of all pairs of "
    "fields, {share} do.",
    arm="Parallel",
    across=7,
    many=10,
    share="53%",
)
JOINT = Sentence("One network reads query and item, so its crosses can join a field of each.")
UNSEEN_OF = Sentence(
    "The {side} tower of {arms}: {why} What each pair of fields is worth can be measured all the same: {command}",
    side="query",
    arms="parallel",
    why="Cross layers of this kind have no one matrix.",
    command="`python -m pdcn inspect showcase --kind importance`",
)
SEVERAL_NETWORKS = Sentence(
    "{arm} has several cross networks in a tower. This page shows the first.", arm="Two crosses"
)

# the lead
WHERE = {
    "learned": Sentence("In the {side} tower", side="query"),
    "initial": Sentence("Before training, in the {side} tower", side="query"),
}
LEAD_ONE = Sentence(
    "{where}, the largest cross in {arm} is **{a}** with **{b}** (size {size}).",
    where="In the query tower",
    arm="parallel",
    a="Income",
    b="Store",
    size="0.45",
)
LEAD_SAME = Sentence(
    "{where}, the largest cross of both models is **{a}** with **{b}**: size {size} in {arm}, {other_size} in {other}.",
    where="In the query tower",
    a="Income",
    b="Store",
    arm="parallel",
    size="0.45",
    other="sequential",
    other_size="0.41",
)
LEAD_APART = Sentence(
    "{where}, the largest cross in {arm} is **{a}** with **{b}** (size {size}). In {other} it is **{c}** with **{d}** "
    "({other_size}).",
    where="In the query tower",
    arm="parallel",
    a="Income",
    b="Store",
    size="0.45",
    other="sequential",
    c="Store",
    d="Hour",
    other_size="0.41",
)
LEAD_PLANTED_ONE = Sentence(
    "{where}, {found} of the {many} planted crosses are among the {many} largest in {arm}.",
    where="In the query tower",
    found=2,
    many=3,
    arm="parallel",
)
LEAD_PLANTED = Sentence(
    "{where}, {found} of the {many} planted crosses are among the {many} largest in {arm}, and {other_found} in "
    "{other}.",
    where="In the query tower",
    found=2,
    many=3,
    arm="parallel",
    other_found=3,
    other="sequential",
)

# the controls
TOWER = "Tower"
TOWER_HELP = glossary.TOWER
LAYER = "Cross layer"
LAYER_HELP = glossary.CROSS_LAYER
TRAINING = "Training"
TRAINING_HELP = Sentence(
    "Initial: before the first step. Steps: snapshots of the first seed, kept in half precision. Learned: the weights "
    "of the best validation check, which were evaluated."
)
STEP = Sentence("step {step:,}", step=1200)
EVERY_FIELD = Sentence("All {count} fields", count=24)
EVERY_FIELD_HELP = Sentence(
    "Off: the {shown} fields with the largest weights. Fields of planted crosses are always shown; numbers come last.",
    shown=8,
)
MORE = "More ways to look"
SHOW = "Show"
SHOW_HELP = Sentence("Fields: one value for each pair of fields. Every weight: the matrix W itself.")
SEEDS = "Seeds"
SEEDS_HELP = glossary.SEED
SCALED = "Scaled by the inputs"
SCALED_HELP = Sentence(
    "Weighs every weight with the size of the embeddings that it multiplies (their root mean square over real events). "
    "Without it, a field with small embeddings needs large weights and looks important."
)

EXPERT, ALL_EXPERTS = "Expert", "all"
NUMBERED = Sentence("expert {number}", number=2)
EXPERT_HELP = (
    "Each expert has crosses of its own. All: the mean size over the experts, weighted by how much the gates make each "
    "of them count over test events."
)
ONE_EXPERT = "Each expert has a W of its own. Choose one of them above to see its weights."
EXPERTS_APART = Sentence(
    "The mean over all experts, weighted by their gates. **It does not show** whether they agree: a block can be large "
    "in one of them alone."
)
EXPERTS_NUMBERED = Sentence(
    "Experts are numbered as they were drawn, so those of one number in two seeds or two arms have nothing in common."
)
OF_EVERY_EXPERT = Sentence("Each pair was taken out of all experts at once; its norm is the mean over them.")

# the maps
MAP_TITLE = Sentence("{arm}, {seeds}", arm="parallel", seeds="mean over 3 seeds")
OVER_SEEDS = {
    "mean over seeds": Sentence("mean over {count} seeds", count=3),
    "spread over seeds": Sentence("spread over {count} seeds", count=3),
}
ONE_SEED = Sentence("seed {seed}", seed=0)
READ, WRITTEN = "the field that is read", "the field that is written"
BOX = Sentence(
    "Bright blocks join two fields strongly. Click a block to try the model without it. The pink box marks the block "
    "that was clicked. At first, it marks the largest cross of {arm}, at the brighter of its two blocks.",
    arm="parallel",
)
BOX_AND_RINGS = Sentence(
    "Bright blocks join two fields strongly, and rings mark planted crosses. Click a block to try the model without "
    "it. The pink box marks the block that was clicked. At first, it marks the largest cross of {arm}, at the brighter "
    "of its two blocks.",
    arm="parallel",
)
WEIGHTS_TITLE = Sentence("{arm}, seed {seed}", arm="parallel", seed=0)
WEIGHTS_READ, WEIGHTS_WRITTEN = "the position that is read", "the position that is written"
EVERY_WEIGHT = Sentence("Every weight of W: blue is negative, red is positive. Lines mark the fields' borders.")

# the list
LARGEST = "Largest crosses"
LIST_CAPTION = Sentence("{moment} weights, both ways together", moment="Learned")
LIST_LINE = Sentence("1. {a} × {b} · {size}", a="Income", b="Store", size="0.45")
LIST_PLANTED = Sentence("1. {a} × {b} · {size} · planted", a="Income", b="Store", size="0.45")
ITSELF = "itself"
IN_FULL = "The largest crosses in full, and tables to take away"
PLANTED = "Planted"
NOT_PLANTED = "Not planted, of two category fields"
TWO_CATEGORIES = "Of two category fields"
WITH_A_NUMBER = "With a number, or of a field with itself"
LINE = Sentence("- **{a} × {b}** {size}, place {place} of {of}", a="Income", b="Store", size="0.45", place=1, of=171)
LINE_OVER_SEEDS = Sentence(
    "- **{a} × {b}** {size} ({low} to {high}), place {place} of {of}",
    a="Income",
    b="Store",
    size="0.45",
    low="0.41",
    high="0.48",
    place=1,
    of=171,
)
MOST_FOR = Sentence("  \n  most for {a} × {b}", a="35-49K", b="Store 367")
MOST_FOR_ONE = Sentence("  \n  most for {a}", a="35-49K")
IN_FULL_CAPTION = Sentence(
    "Both directions together, {moment} weights, mean over seeds with the range. Places count among crosses of two "
    "category fields, or among all other pairs.",
    moment="learned",
)
MOST_FOR_MEANS = (
    "“Most for” names the pair of values with the largest product, among pairs that occur together. For a number it is "
    "one standard deviation above the mean."
)
NO_VALUES = Sentence(
    "Pairs of values are told for the learned first layer only. There, a cross is a product of just two fields."
)
NO_VALUES_OF_ONE = Sentence("Pairs of values are told for all experts together.")
BLOCKS_CSV, PAIRS_CSV, VALUES_CSV = "Every block as CSV", "Every pair as CSV", "Pairs of values as CSV"

# how it is measured
READING = Sentence(
    "A bright block is a field (row) that is multiplied with much of what another field (column) holds. Colours "
    "compare across maps and steps. **It does not show** whether anything depends on a block: a large norm can be "
    "idle, and a small one needed. “Which crosses does {metric} need?” measures that.",
    metric="recall",
)
READING_NUMBERS = Sentence(
    "Blocks between categories share one colour scale; blocks with a number, in grey, another. An embedding has "
    "several columns and a number has one, so the two do not compare."
)
READING_SIZE = Sentence(
    "The size of a block is its Frobenius norm. Scaled by the inputs, each weight counts as much as what it multiplies "
    "(root mean squares over real events)."
)
READING_WEIGHTS = Sentence(
    "Every weight of W is drawn unchanged; the strongest 0.2% share the end of the scale. **It does not show** "
    "sizes of inputs: a large weight that only meets small numbers does little. The view by fields takes that in."
)
WHY_DIRECTED = Sentence(
    "**Why is the map not symmetric?** Row *i*, column *j* is what the cross layer multiplies field *i* of x0 with, as "
    "it reads field *j*: x0ᵢ · (Wᵢⱼ xⱼ). The product *age × hour* can be written at the place of age (reading hour) or "
    "at the place of hour (reading age). The layers above see the two at different positions. Training may use either, "
    "both, or split the work, so W is directed, and the map is not symmetric. To ask how much a cross is used at all, "
    "read both directions together, as the lists do."
)

# what if
WHAT_IF = Sentence("What if this cross were not there?")
WRITE, READS = "Field (row)", "reads field (column)"
WRITE_HELP = f"{glossary.FIELD} Or click a block of the maps above."
READS_HELP = Sentence("The cross layer multiplies the row's field with what this field holds.")
KEEP = "Keep"
KEEP_HELP = "0 takes the block away, 1 leaves it, 3 makes it three times as strong."
BOTH_WAYS, ALL_LAYERS = "Both directions", "In every layer"
LOADING = "Loading the models, once: a few seconds."
TAKEN_AWAY, AS_IT_IS = "taken away", "as it is"
STRENGTH = Sentence("at {factor:g} times its strength", factor=3)
METRIC = Sentence(
    "{arm}: {metric} with {cross} {how}", arm="parallel", metric="recall@100", cross="Income × Store", how="taken away"
)
METRIC_CHANGE = Sentence("{difference} points {interval}", difference="−0.12", interval="[−0.40, +0.15]")
METRIC_HELP = Sentence(
    "{meaning} With every cross as it is, it is {level}.", meaning=str(glossary.RECALL), level="18.2%"
)
CROSS_BOTH = Sentence("{a} × {b}", a="Income", b="Store")
CROSS_ONE_WAY = Sentence("{a} reading {b}", a="Income", b="Store")
WHAT_IF_CAPTION = Sentence(
    "One seed of each arm, on {events:,} test events. The 95% intervals are over users. A model trained without the "
    "cross would have other numbers.",
    events=4096,
)
ONE_LIST = "One user's list, before and after"
EVENT = "Test event"
EVENT_HELP = Sentence(f"{glossary.EVENT} This is one of {{count:,}} test events, evenly spaced in time.", count=4096)
CHOSEN_EVENT_HELP = Sentence(
    f"{glossary.EVENT} This is one of {{count:,}} test events with a choice, evenly spaced in time. The network is "
    "asked about every item of the catalogue.",
    count=2048,
)
ASKED_BY = Sentence("Asked by: {who}", who="Age 45-54, Income 35-49K")
CHOSEN = Sentence(
    "What was chosen: {item}, at rank {before} as it is and {after} changed.", item="Milk", before="12", after="15"
)
LIST_MARKS = Sentence("▲ ▼ places moved, ● new in the list, **bold** what was really chosen.")
WHAT_IF_MEASURED = Sentence(
    "Each arm's model of seed {seed}, as it is and with {cross} {how} {where} of the {side} tower, ranks {events:,} "
    "test events. The interval is over users. **It does not show** what training without the cross would give, nor "
    "whether another seed says the same.",
    seed=0,
    cross="Income × Store",
    how="taken away",
    where="in layer 1",
    side="query",
    events=4096,
)
IN_LAYER = Sentence("in layer {layer}", layer=1)
IN_EVERY_LAYER = "in every layer"
OF_EXPERT = Sentence("{where} of expert {expert}", where="in layer 1", expert=2)

# crosses that project a sequence
PROJECTION = Sentence("Which actions does the projection of “{field}” cross?", field="Did before")
PROJECTED = Sentence(
    "In {arm}, the largest block writes at {write} and reads {read}.", arm="parallel", write="latest", read="action 2"
)
LATEST = Sentence("latest")
PLACE = Sentence("action {number}", number=2)
PROJECTION_TITLE = Sentence("{arm}, {field}", arm="parallel", field="Did before")
SIZE = Sentence("scaled norm")
PROJECTION_READING = Sentence(
    "The first cross layer of the projection over all actions, the latest first: learned blocks scaled by the inputs, "
    "mean over seeds. The Transformer below has mixed the actions, and value and type of an action are one vector. "
    "**It does not show** which of the two is crossed, nor that a place holds its own action alone."
)
PROJECTION_READING_UNMIXED = Sentence(
    "The first cross layer of the projection over all actions, the latest first: learned blocks scaled by the inputs, "
    "mean over seeds. Value and type of an action are one vector. **It does not show** which of the two is crossed."
)
PROJECTION_CSV = "Every block of the projection as CSV"

# planted crosses
RECOVERY = Sentence("Were the planted crosses found?")
NOTHING_PLANTED = Sentence(
    "No cross is planted on the {side} side, so there is none to find. Any bright block there is something else.",
    side="item",
)
FOUND = Sentence(
    "**{arm}** AUC {auc}, average precision {precision}", arm="parallel", auc="0.95 (0.90 to 1.00)", precision="0.80"
)
FOUND_AND_BEFORE = Sentence(
    "**{arm}** AUC {auc} (untrained {before}), average precision {precision}",
    arm="parallel",
    auc="0.95 (0.90 to 1.00)",
    before="0.48",
    precision="0.80",
)
FOUND_ALL = Sentence(
    "In the first layer, mean over seeds (range): {found}. By chance: AUC 0.50, average precision {chance}.",
    found="**parallel** AUC 0.95, average precision 0.80",
    chance="0.10",
)
RECOVERY_READING = Sentence(
    "A mark a seed: how high the planted pairs rank when all pairs of category fields are ordered by their scaled "
    "norm, both directions together. 1 puts them all on top. Planted crosses never hold a number, so pairs with one "
    "are left out. **It does not show** what the branches beside the crosses learned: a deep network can hold a "
    "planted cross where no block shows it."
)
PRECISION, AUC = "average precision", "AUC"
CHANCE = "chance"

# importance
IMPORTANCE = Sentence("Which crosses does {metric} need?", metric="recall")
OFFER = Sentence(
    "Each pair of fields is taken out of every cross layer, and shuffled, and the same 2,048 test events are measured "
    "anew. That takes about a minute on two cores for the default study. It takes several where layers have no one W."
)
MEASURE = "Measure"
MEASURES = {"ablation": "taken away", "permutation": "shuffled"}
MEASURE_HELP = Sentence(
    "Taken away: the block and its reverse are zero. Shuffled: they read another event's value instead, which keeps "
    "what the pair adds on average."
)
A_NORM_IS_NOT_IMPORTANCE = Sentence("A large norm alone does not make a cross important.")
WORTH = Sentence(
    "**{arm}**: the rank correlation of the norms with how far {what} move is {moved}, and with lost {metric} "
    "{lost}. Pairs that lose {metric} with an interval above zero: {sure} of {pairs} (by luck alone about {luck}).",
    arm="parallel",
    what="items",
    metric="recall",
    moved="+0.81",
    lost="+0.40",
    sure=12,
    pairs=300,
    luck=8,
)
PAIR, ARM, LOST = "pair", "arm", Sentence("{metric} lost", metric="recall")
MOVING = {"recall": "items", "grouped_auc": "odds"}
WORTH_READING = {
    "recall": Sentence(
        "A point a pair of fields: its norm to the right. Upwards, how far the true items of {events:,} test events "
        "move without it (mean |log2| of their ranks' ratio; 1 is a doubling or halving). The list has the {metric} "
        "that is lost, with its 95% interval over users and seeds, each pair by itself. **It does not show** what a "
        "model trained without the cross would do: it would learn to do without.",
        events=2048,
        metric="recall@100",
    ),
    "grouped_auc": Sentence(
        "A point a pair of fields: its norm to the right. Upwards, how far the odds of {events:,} test events "
        "move without it (mean |log2| of their ratio; 1 is a doubling or "
        "halving). The list has the {metric} that is lost, with its 95% interval over users and seeds, each pair by "
        "itself. **It does not show** what a model trained without the cross would do: it would learn to do without.",
        events=2048,
        metric="grouped AUC",
    ),
}

# ranks
RANK = "How much rank does W need?"
RANKS_OF = Sentence(
    "**{arm}** {ranks}, and {most} of them hold {share:.0%} of the squared sum",
    arm="parallel",
    ranks="150 to 155",
    most="60",
    share=0.9,
)
RANKS = Sentence(
    "Singular values of at least 1% of the largest (numerical rank), of {width}: {ranks}.",
    width=157,
    ranks="**parallel** 150, and 60 of them hold 90% of the squared sum",
)
CUTS_LATER = Sentence(
    "What a cut to a lower rank costs in {metric} is measured together with “Which crosses does {metric} need?”, for "
    "layers that have one W.",
    metric="recall",
)
SPECTRUM_READING = Sentence(
    "Learned (drawn) and initial (dotted) singular values of this layer, mean over seeds. A faster fall means that "
    "fewer directions carry the crosses. **It does not show** what a cut costs."
)
NO_CUTS = Sentence("These layers have no one W that could be cut.")
CUTS_READING = Sentence(
    "{metric} on {events:,} test events, against the whole W, with every cross layer of the {side} tower cut to its "
    "closest matrix of that rank. Bars are 95% intervals over users and seeds. **It does not show** how a model "
    "trained with that rank would do.",
    metric="Recall@100",
    events=2048,
    side="query",
)

# figures

WEIGHT_HOVER = Sentence("row {row}, column {column}: {weight}<extra></extra>", row=12, column=40, weight="0.123")
NORM_AXIS = Sentence("norm of the pair (both directions)")
MOVED_AXIS = Sentence("how far {what} move without it", what="items")
WORTH_HOVER = Sentence(
    "{pair}<br>{what} move by {moved} doublings<br>{metric} lost {lost} points [{low}, {high}]<extra>{arm}</extra>",
    pair="Income × Store",
    what="items",
    metric="recall",
    moved="0.123",
    lost="+0.88",
    low="+0.38",
    high="+1.39",
    arm="parallel",
)
SINGULAR_AXIS, SHARE_AXIS = Sentence("singular value, by size"), Sentence("share of the largest")
AT_MOMENT = Sentence("{arm}, {moment}", arm="parallel", moment="learned")
SINGULAR_HOVER = Sentence("{share} of the largest<extra>{name}</extra>", share="0.412", name="parallel, learned")
RANK_AXIS = Sentence("rank that is kept in every cross layer")
CUT_AXIS = Sentence("{metric} against the whole W (points)", metric="recall")
CUT_HOVER = Sentence(
    "{points} points [{low}, {high}]<extra>{arm}</extra>", points="−0.88", low="−1.39", high="−0.38", arm="parallel"
)
NO_RANK = Sentence("none")
LAYER_NUMBER = Sentence("layer {number}", number=1)
SEED_HOVER = Sentence("seed {seed}: {value}<extra>{arm}</extra>", seed=1, value="0.81", arm="parallel")
