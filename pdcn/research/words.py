"""Every sentence in which the findings answer their questions."""

from __future__ import annotations

from pdcn.words import Sentence

NO_RETRIEVAL = Sentence("--retrieval: expected a run of retrieval, got one of {task}", task="ranking")
NO_RANKING = Sentence("--ranking: expected a run of ranking, got one of {task}", task="retrieval")
OTHER_DATA = Sentence(
    "--ranking: expected a run of the same data as {run}, so that both stages see the same events; got one of other "
    "settings or another source",
    run="20261126-101010-abcd",
)
NO_SHARED_SEED = Sentence("--ranking: expected a seed that both runs trained from, but they share none")
NOT_TRAINED = Sentence("--arm: expected one of {arms}, got {arm}", arms="parallel, sequential", arm="linear")
RETRIEVING = Sentence("finding candidates, seed {seed}", seed=0)
RERANKING = Sentence("ranking them with {arm}, seed {seed}", arm="parallel", seed=0)

NONE = "none"

# what the advantage is made of

BRINGS = Sentence(
    "{source} brings {sizes} of {metric} on {groups}.",
    source="A skip round the MLP",
    sizes="2.99 points",
    metric="recall@100",
    groups="Journey (half)",
)
COSTS = Sentence(
    "{source} costs {sizes} of {metric} on {groups}.",
    source="An MLP that reads x0",
    sizes="1.20 and 0.80 points",
    metric="recall@100",
    groups="first purchases and planted crosses",
)
BRINGS_NOTHING = Sentence("{source} brings nothing that we detect.", source="Crossing on that skip")
NO_STEP = Sentence("We detect no effect of any step on {groups}.", groups="Journey (a third) and first purchases")

# arms against one another

BEATS = Sentence(
    "On {group}, {arms} beat {held}.",
    group="planted crosses",
    arms="parallel (+2.69 points [+1.71, +3.65])",
    held="sequential",
)
LOSES = Sentence(
    "On {group}, {arms} fell behind {held}.",
    group="planted crosses",
    arms="parallel queries with sequential items (−1.23 points [−1.81, −0.64])",
    held="parallel",
)
ALIKE = Sentence(
    "On {group}, we detect no difference from {held} for {arms}.",
    group="Journey (a third)",
    held="sequential",
    arms="parallel and parallel sum",
)

# settings

COUNTED = Sentence(
    "{arm} beats {held} in {better} of {settings} and loses in {worse}.",
    arm="Parallel",
    held="sequential",
    better=5,
    settings="8 settings",
    worse=NONE,
)
ALONE = Sentence(
    "That holds once all rows of the question are counted together. On their own, {above} of the {count} intervals are "
    "above zero and {below} below.",
    count=10,
    above=9,
    below=NONE,
)
NEITHER = Sentence(
    "We detect no difference between {arm} and {held} in any of {settings}.",
    arm="parallel",
    held="wide and deep, which has no crosses,",
    settings="4 settings",
)
WITHOUT_CROSSES = Sentence("{arm} without crosses", arm="wide and deep")
NO_CROSSES = Sentence("{arm}, which has no crosses,", arm="wide and deep")

# other cross layers

EQUAL_BETTER = Sentence(
    "At equal size, on {group}, {arm} finds more with {crossings} than with the full matrix of DCN-V2.",
    group="planted crosses",
    arm="parallel",
    crossings="gated (+0.80 points [+0.20, +1.40])",
)
EQUAL_WORSE = Sentence(
    "At equal size, on {group}, {arm} finds less with {crossings} than with the full matrix of DCN-V2.",
    group="planted crosses",
    arm="parallel",
    crossings="attention (−1.80 points [−2.20, −1.40])",
)
EQUAL_ALIKE = Sentence(
    "At equal size, on {group}, we detect no difference between the full matrix of DCN-V2 and {crossings} in {arm}.",
    group="Journey (a third)",
    arm="parallel",
    crossings="DCN V1, gated and attention",
)
LEVELS = Sentence(
    "Another cross layer, which also changes the size, makes {arm} better in {better} of {cases} and worse in {worse}.",
    arm="parallel",
    better=1,
    cases="10 cases",
    worse=NONE,
)
LEVEL_BETTER = Sentence("Better on {group}: {labels}.", group="planted crosses", labels="gated against full")
LEVEL_WORSE = Sentence("Worse on {group}: {labels}.", group="planted crosses", labels="attention against full")
PART_BETTER = Sentence(
    "On {group}, recall of conversions rises with {parts}.",
    group="shopping",
    parts="a head for each outcome (+1.20 points [+0.40, +2.00])",
)
PART_WORSE = Sentence(
    "On {group}, recall of conversions falls with {parts}.",
    group="shopping",
    parts="no hard negatives (−1.20 points [−2.00, −0.40])",
)
PART_ALIKE = Sentence(
    "On {group}, we detect no difference with {parts}.", group="promoted products", parts="all clicks alike"
)
LEVEL_SIZES = Sentence(
    "On {group}, {held} differs in size between these, in dense parameters, which may explain a difference: {sizes}.",
    group="planted crosses",
    held="parallel",
    sizes="gated against full +34.3% and attention against full −31.0%",
)
UNEQUAL = Sentence(
    "On {group}, {arm} and {held} could not be made equal in size, and {arm} differs in dense parameters with "
    "{settings}.",
    group="Journey (a third)",
    arm="parallel",
    held="sequential",
    settings="deep 16,16 (+3.5%)",
)
SIZES = Sentence(
    "On {group}, these sizes could not be made equal to {held}, in dense parameters: {sizes}.",
    group="planted crosses",
    held="sequential",
    sizes="EDCN +3.1% and FCN −40.9%",
)

# what changes a difference

LARGER = Sentence(
    "On {group}, the difference is larger with {labels} than with “{held}”.",
    group="planted crosses",
    labels="strength 3 (+1.52 points [+0.66, +2.38])",
    held="strength 0",
)
SMALLER = Sentence(
    "On {group}, the difference is smaller with {labels} than with “{held}”.",
    group="planted crosses",
    labels="2 epochs (−1.52 points [−2.38, −0.66])",
    held="trained until finished",
)
UNCHANGED = Sentence(
    "On {group}, we detect no change from “{held}” with {labels}.",
    group="planted crosses",
    held="strength 0",
    labels="strength 0.75 and strength 1.5",
)
UNFINISHED = Sentence("Still improving when training ended, so not finished: {arms}.", arms="parallel (cross rank 4)")
WORLDS = Sentence(
    "{arm} minus {held} was measured in {count} worlds for each setting, so it is about worlds like these.",
    arm="Parallel",
    held="sequential",
    count=3,
)
WORLDS_APART = Sentence(
    "Beyond the luck within a world, its worlds differ by {sizes}.", sizes="0.98 points with strength 6"
)
WORLDS_ALIKE = Sentence("Its worlds differ by no more than that luck with {labels}.", labels="no noise")

# beside the published number

TOO_SMALL = Sentence("Our catalogues are too small to say anything about {metric}.", metric="recall@1000")
CLAIM = Sentence(
    "On {group}, at equal parameters, parallel changes {metric} by {percent}. That is {points} points, 95% interval "
    "{interval}. There, 1,000 items are {share} of the catalogue.",
    group="Journey (half)",
    metric="recall@1000",
    percent="+1.0%",
    points="+0.88",
    interval="[+0.38, +1.39]",
    share="46%",
)

# the experiments of the DCN-V2 paper

ONE_LAYER = Sentence(
    "One layer of DCN-V2 misses functions of the second order by at most {ours} (published: {published}). An MLP with "
    "as many weights misses them by {mlp} or more.",
    ours="1.2e-15",
    published="6.7e-07",
    mlp="0.021",
)
DEPTH = Sentence(
    "On orders 1 to 4 with noise of 0.01, one to five layers of DCN-V2 miss by {ours} (published: {published}). MLPs "
    "miss by {mlps}.",
    ours="0.14, 0.03, 0.01, 0.01 and 0.01",
    published="0.143, 0.0289, 0.00982, 0.00987 and 0.00992",
    mlps="0.13, 0.1, 0.1, 0.1 and 0.1",
)
BIAS = Sentence(
    "On crosses of order 3, one to four layers without bias and residual miss by {bare}. With both, they miss by "
    "{whole}.",
    bare="0.5, 0.4, 0.3 and 0.2",
    whole="0.5, 0.1, 0.01 and 0.01",
)

# projections of a sequence

NOTHING, MEAN_OF_ACTIONS, ALL_ACTIONS = "no actions", "mean", "all actions"
PROJECTED_BY = {"linear": "linear", "mlp": "MLP", "dcn": "DCN V2", "dcn_low": "low-rank DCN V2"}
TO_WIDTH = Sentence("{form} to {width}", form="DCN V2", width=16)
TRANSFORMER_HELPS = Sentence(
    "Where a taste lasts a few days, a Transformer over all actions changes {metric} by {points} points {interval} "
    "against their mean. In the control, where it lasts for good, it changes it by {lasting} points "
    "{lasting_interval}.",
    points="+8.70",
    interval="[+7.10, +10.30]",
    metric="recall@10",
    lasting="+0.40",
    lasting_interval="[−0.30, +1.10]",
)
OF_A_FORM = Sentence(
    "{form} ({time} µs, {points} points {interval})",
    form="DCN V2 to 16",
    time="210",
    points="−0.10",
    interval="[−0.40, +0.20]",
)
SIGNAL_HOLDS = Sentence(
    "At {batch} a call, all actions side by side take {whole} µs. Faster without a detectable loss of {metric}: "
    "{forms}.",
    batch=1,
    whole="250",
    metric="recall@50",
    forms="DCN V2 to 16 (210 µs, −0.10 points [−0.40, +0.20])",
)
NOTHING_FASTER = Sentence(
    "At {batch} a call, all actions side by side take {whole} µs. We detect no projection that is faster.",
    batch=1,
    whole="250",
)
SIGNAL_HOLDS_NOWHERE = Sentence(
    "At {batch} a call, all actions side by side take {whole} µs. No projection is faster without a loss of {metric}.",
    batch=1,
    whole="250",
    metric="recall@50",
)
SIGNAL_LOST = Sentence(
    "Less {metric} than all actions side by side, after Holm's correction: {forms}.",
    metric="recall@50",
    forms="linear to 4 and MLP to 4",
)
ONE_SEED_TELLS_NOTHING = "One seed cannot tell whether another would say the same."
APART = Sentence("{form} {share}", form="all actions", share="+40%")
NOT_EQUAL = Sentence("These differ in dense parameters from the others: {forms}.", forms="all actions +40%")

# what a check of the bundle made anew

WEIGHTS_ANEW = Sentence(
    "{arm} was trained anew from seed {seed}, and its weights and the ranks of all test events compared.",
    arm="Parallel",
    seed=0,
)
MEAN_ANEW = Sentence(
    "{arm} was trained anew on {group} with “{label}”, from {seeds}, and its mean recall compared.",
    arm="Sequential",
    group="planted crosses",
    label="as usual",
    seeds="5 seeds",
)
STUDIES_ANEW = Sentence(
    "The first studies were trained anew, and their {differences} in recall compared.", differences="30 differences"
)
ROW_ANEW = Sentence("This row was made anew: {row}.", row="planted,default,74.1,71.7,72.9")
ERROR_ANEW = Sentence(
    "{model} with {layers} was trained anew on {target}, from its first seed, and its error compared.",
    model="DCN-V2",
    layers="1 layer",
    target="orders 1-4",
)

# what is said where a study or the bundle can't be made

FOLDER_NOT_MADE = Sentence(
    "--out: expected a folder that can be made, got {folder} ({why})", folder="/data", why="Permission denied"
)
BUNDLE_AT_WORK = Sentence("bundle: expected no other bundle at work in this home; wait until it has ended")
NOT_CALIBRATED = Sentence(
    "data: expected one that a calibration is made for, {known}; got {source}",
    known="journey or planted",
    source="table",
)
OTHER_RECORD = Sentence(
    "study: expected a record of {study} that version {version} of the training made", study="cause", version=3
)
RACE_ENDED = Sentence(
    "study: {race} was {state}. {why}",
    race="cause 3 of 14: planted crosses, strength 3",
    state="stopped",
    why="Interrupted from the keyboard.",
)
NO_RECORD = Sentence("bundle: expected the record of a study at {path}; make it again", path="`cause.json`")
