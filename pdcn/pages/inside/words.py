"""Every sentence of the Inside page, with the labels and the help of its controls."""

from __future__ import annotations

from pdcn import glossary
from pdcn.words import Sentence

TITLE = "What happens inside the towers"
OFFER = Sentence(
    "Nothing was measured in this run yet: probes at every point of both towers, every branch muted, and the branches' "
    "shares through training. About half a minute for two arms of three seeds on two cores."
)

# what is kept
TOWER = "Tower"
TOWER_HELP = glossary.TOWER
COLOUR_BY = "Colour by"
COLOURS = {"kept": "Fields kept, mean", "rank": "Effective rank", "cka": "CKA with x0"}
FIELD = Sentence("field: {label}", label="Income")
COLOUR_HELP = Sentence(
    "**Fields kept:** from each block a linear probe tries to read every input field back, on rows that it never saw. "
    "100% is all of the field; 0% is no better than always saying the commonest value (a number: its mean). "
    "**Effective rank:** how many directions the block's values use. **CKA:** how alike the block and x0, the input, "
    "are; 1 is the same up to rotation and scale."
)
SCALES = {"kept": "share of the fields kept", "rank": "effective rank", "cka": "linear CKA with x0"}
SCALE_OF_FIELD = Sentence("share of {label} kept", label="Income")
SCALE_OF_FIELDS = "share of the field kept"
TOWER_TITLE = Sentence("{arm}, {side} tower", arm="parallel", side="query")
KEPT_TITLE = Sentence("{title} (%)", title="parallel, query tower")
FROM_THE_BOTTOM = Sentence(
    "Read from the bottom. Each block has its {measure}, and in brackets what it was before training. A narrow block "
    "loses some by its width alone.",
    measure="share of the fields kept",
)
READING = Sentence(
    "The towers show the {measure} at each block (of the head: the tower's output), mean over seeds, on one colour "
    "scale. A narrower block loses by its width alone, as a tower before training shows. **It does not show** whether "
    "what was lost was needed: a tower should drop what does not help to rank.",
    measure="share of the fields kept",
)
CLAIM_KEPT = Sentence(
    "The claim that this tests: side by side, the deep network sees the features themselves. Behind the crosses it "
    "sees only what they let through."
)
EVERY_FIELD = "Every field at every point"
EVERY_FIELD_READING = Sentence(
    "A row a field, a column a point on the way up, from x0 on the left: the share of the field kept, mean over seeds. "
    "100% is all of it, 0% nothing more than its commonest value or mean. **It does not show** what a nonlinear reader "
    "could still find."
)
FIELDS_CSV, POINTS_CSV = "Every field at every point as CSV", "Every point as CSV"
EVENTS_SAMPLE = Sentence(
    "{rows:,} test events, evenly spaced over the test part; {seeds}. Judged on {split}.",
    rows=8192,
    seeds="3 seeds",
    split="events never seen: 1 field (Household)",
)
ITEMS_SAMPLE = Sentence(
    "{rows:,} items, the whole catalogue; {seeds}. Judged on {split}.",
    rows=2159,
    seeds="3 seeds",
    split="items never seen: 4 fields",
)
SPLIT = Sentence("{split}: {fields}", split="users never seen", fields="22 fields")
SPLIT_NAMED = Sentence("{split}: {fields} ({names})", split="events never seen", fields="1 field", names="Household")
PROBES = (
    "A category is read by a linear discriminant, scored (accuracy − majority) / (1 − majority). A number is read by "
    "ridge regression, scored R². A score below zero counts as nothing kept. Values that a probe never met are not "
    "counted."
)
LEFT_OUT = Sentence("Left out: {fields}.", fields="Favourite department (fewer than 30 rows have another value)")
LEFT_OUT_FIELD = Sentence("{label} ({why})", label="Favourite department", why="fewer than 30 rows have another value")

# what the projection of a sequence keeps
SEQUENCE = Sentence("What does the projection keep of “{field}”?", field="Did before")
SEQUENCE_KEPT = Sentence(
    "In {arm}, its {width} numbers keep {kept} of what was asked; all actions side by side keep {whole}, their mean "
    "{mean}.",
    arm="parallel",
    width=32,
    kept="61%",
    whole="80%",
    mean="45%",
)
STAGES = {
    "mean": Sentence("mean ({width})", width=8),
    "whole": Sentence("all actions ({width})", width=160),
    "projected": Sentence("projected ({width})", width=32),
}
SEQUENCE_READING = Sentence(
    "A linear probe reads each fact back from the mean of the actions' embeddings, from all that the Transformer puts "
    "out, and from what the projection makes of it. Mean over seeds. **It does not show** whether a lost fact was "
    "needed."
)
SEQUENCE_CSV = "What the projection keeps as CSV"

# experts

GATES = Sentence("Which experts does each surface use?")
GATES_OF = Sentence(
    "In {arm}, a gate gives its favourite expert {first}, and two surfaces differ in {apart}.",
    arm="parallel",
    first="47%",
    apart="12%",
)
GATES_EVEN = Sentence("Spread evenly, each expert would have {even}.", even="25%")
EXPERT_MUTED = Sentence(
    "Experts are numbered as they were drawn, so one number means another expert in every seed and arm."
)
EXPERT = Sentence("expert {number}", number=2)
GATES_TITLE = Sentence("{arm}, seed {seed}", arm="parallel", seed=0)
SCALE_OF_GATES = "share of the gate"
GATES_READING = Sentence(
    "A row a surface, a column an expert: how much the surface's gate makes of it, the mean over test events. Experts "
    "are numbered as they were drawn, so those of one number in two seeds or two arms have nothing in common. **It "
    "does not show** what an expert is good for: the rows on muted experts above do."
)
GATES_CSV = "Every gate as CSV"

# without a branch
WITHOUT = Sentence("What {metric} loses without each part", metric="recall")
CLAIM_WITHOUT = Sentence(
    "The claim that this tests: side by side, explicit crosses and implicit abstractions are learned apart and add up."
)
NOTHING_TO_CHANGE = Sentence(
    "{arms} has neither two branches nor cross layers: there is nothing to mute or to bypass.", arms="Deep only"
)
WHERE = "Change the towers of"
SIDES = {"both": "both towers", "query": "query tower", "item": "item tower", "joint": "the network"}
MUTED_OR_BYPASSED = Sentence(
    "A muted branch always puts out its mean. Bypassed crosses let their input through as it is."
)
DROPS_LABEL = Sentence("{arm}: {change}, {sides}", arm="parallel", change="deep branch muted", sides="both towers")
DROPS_AXIS = Sentence("change in<br>{metric}", metric="recall@100")
DROPS_CAPTION = Sentence(
    "{metric} without the part, minus that of the whole model. Filled: clear of zero with every row of the arm "
    "counted.",
    metric="Recall@100",
)
DROPS_CAPTION_OF_ONE_SEED = Sentence(
    "{metric} of the changed model minus the intact one, of one seed. Another seed may well say otherwise.",
    metric="Recall@100",
)
DROPS_READING = Sentence(
    "Differences have 95% intervals, paired over {users:,} users and {seeds}, on {events:,} test events. Filled marks "
    "are significant after Holm's correction over the rows of their arm. **It does not show** whether one arm needs "
    "its crosses more than another: rows of two arms are not compared.",
    users=385,
    seeds="3 seeds",
    events=8192,
)
DROPS_READING_OF_ONE_SEED = Sentence(
    "Differences are those of {users:,} users and one seed, on {events:,} test events, without an interval. **It does "
    "not show** whether one arm needs its crosses more than another: rows of two arms are not compared.",
    users=385,
    events=8192,
)
CURVES = "Recall at every K without a part"
CURVES_READING = Sentence(
    "Recall@K of the trained model, intact and changed in {place}, {band}. A muted branch always puts out its mean, "
    "not zero: the head has learned to count on that constant. Bypassed crosses let their input through unchanged, "
    "which takes the crosses but leaves x0's straight way. Muting the cross branch takes both. **It does not show** "
    "how good a model trained without the branch would be. Whether two curves differ is told by the paired differences "
    "above, not by bands that overlap.",
    place="both towers",
    band="with 95% intervals over users and seeds",
)
PLACES = {"both": "both towers", "query": "the query tower", "item": "the item tower"}
BAND = "with 95% intervals over users and seeds"
NO_BAND = "of one seed, so there is no interval to hold it against"
NOTHING_CHANGED = Sentence("{arm}: nothing to change in {sides}.", arm="Deep only", sides="both towers")
ONE_BRANCH = Sentence(
    "{arm} has one branch: without it nothing would be left, so there is none to mute.", arm="Sequential"
)
CURVES_CSV = "These curves as CSV"
K_AXIS, RECALL_AXIS = "K, items returned (log scale)", "recall@K (%)"

# shares
SHARES = "Whose work is it, through training?"
NO_SHARES = Sentence(
    "No {side} tower here has both a cross and a deep part, so there are no shares to compare.", side="query"
)
SHARE = "Share"
SHARE_NAMES = {"output": "of the output", "gradient": "of the gradient", "cka": "likeness (CKA)"}
SHARE_AXES = {
    "output": "cross branch's share of the output (%)",
    "gradient": "cross part's share of the gradient (%)",
    "cka": "CKA of the two branches",
}
STEP_AXIS = "training step"
SHARE_HOW = {
    "output": Sentence(
        "What the head's first matrix makes of each branch, as it varies over the rows: the cross branch's part "
        "of both norms."
    ),
    "gradient": Sentence(
        "The norm of the loss's gradient with respect to the cross part's weights, as a part of that and the "
        "deep part's; the same four training batches at every step."
    ),
    "cka": "How alike the two branches' outputs are over the same rows: 1 up to rotation and scale, 0 unrelated.",
}
SHARE_LIMITS = {
    "output": Sentence(
        "**It does not show** usefulness: a branch may put out much that cancels. The cross branch carries x0 "
        "itself, too."
    ),
    "gradient": Sentence(
        "**It does not show** how fast each part learns: the parts differ in size ({sizes}), and more weights have a "
        "larger norm.",
        sizes="parallel 49,612 and 10,658 parameters",
    ),
    "cka": Sentence("**It does not show** which of the two is right where they differ."),
}
SIZES = Sentence("{arm} {cross:,} and {deep:,} parameters", arm="parallel", cross=49612, deep=10658)
SHARES_READING = Sentence(
    "{side} tower. {how} The line is the first seed at its snapshots; open marks are every seed's trained model. "
    "{limits}",
    side="Query",
    how="How alike the two branches' outputs are.",
    limits="**It does not show** which of the two is right where they differ.",
)
NO_SNAPSHOTS = Sentence("This run kept no snapshots, so only the trained models are there.")
ALL_CROSSES = Sentence(
    "All branches of {arm} are crosses: its {first} branch takes the place of the cross branch, and the others that of "
    "the deep part.",
    arm="FCN",
    first="exponential",
)
NOT_DRAWN = Sentence("Not drawn: {arms}, with only one branch.", arms="sequential")

# agreement
AGREEMENT = "Do the branches agree?"
ARM, ONE_MODEL, OTHER_MODEL = "arm", "one model", "other model"
IN_COMMON = Sentence("top {k} in common", k=100)
OVER_SEEDS, BY_CHANCE, CORRELATION = "seeds from, to", "by chance", "rank correlation"
RANGE = Sentence("{low:.1%} to {high:.1%}", low=0.249, high=0.318)
AGREEMENT_READING = Sentence(
    "Each branch alone (the other muted in every tower that has both) ranks the catalogue for {events:,} test events. "
    "The table has how many of the {k} first items two lists share, and the Spearman correlation of the true items' "
    "ranks. **It does not show** how a branch would rank that had been trained without the others.",
    events=2048,
    k=100,
)
TWO_TRAININGS = Sentence("Intact and intact, next seed: what two trainings of the same arm share.")

COST = "Cost: does side by side come for free?"
LATENCY = "What each wiring takes in milliseconds"

MEASURED_HOVER = Sentence(
    "{measure}: {value}<br>seeds from {low} to {high}", measure="kept", value="42.6%", low="41.0%", high="44.0%"
)
BEFORE = Sentence("{value} (untrained {start})", value="42.6%", start="61.0%")
BEFORE_HOVER = Sentence("before training: {start}", start="61.0%")
KEPT_HOVER = Sentence("{field} at {stage}: {share}<extra></extra>", field="Income", stage="x0", share="42.6%")
TRAINED_OF = Sentence("{arm}, trained", arm="parallel")
TRAINED_HOVER = Sentence("seed {seed}, trained: {value}", seed=1, value="42.6%")
