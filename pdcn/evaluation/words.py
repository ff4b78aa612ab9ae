"""Every sentence that is said of a comparison, on pages, in the terminal and in records."""

from pdcn.words import Sentence

OF_OUTCOME = Sentence("{data} ({outcome})", data="Shopping", outcome="conversions")
OUTCOMES = {
    "conversion": Sentence("conversions"),
    "engagement": Sentence("engagement"),
    "all": Sentence("all outcomes"),
}

BETTER_OR_WORSE = Sentence(
    "On {data}, {arm} is {verdict} than {against}: {size}, 95% interval {interval}.",
    data="The Complete Journey",
    arm="parallel",
    verdict="better",
    against="sequential",
    size="+3.20 points of recall@100 (+8.0%)",
    interval="[+1.64, +4.89]",
)
NO_DIFFERENCE = Sentence(
    "On {data}, no detectable difference between {arm} and {against}: {size}, 95% interval {interval}.",
    data="The Complete Journey",
    arm="parallel",
    against="sequential",
    size="+0.40 points of recall@100 (+1.0%)",
    interval="[−0.64, +1.44]",
)
NO_DIFFERENCE_COUNTED = Sentence(
    "On {data}, no detectable difference between {arm} and {against} once all {family} are counted: {size}, 95% "
    "interval {interval}.",
    data="The Complete Journey",
    arm="parallel",
    against="sequential",
    family="arms",
    size="+0.80 points of recall@100 (+2.0%)",
    interval="[+0.14, +1.44]",
)
ONE_SEED = Sentence(
    "On {data}, one seed cannot tell {arm} from {against}: {size} in that one training.",
    data="Planted crosses",
    arm="parallel",
    against="sequential",
    size="+2.10 points of recall@100 (+3.0%)",
)
TOO_SHORT = Sentence(
    "On {data}, these trainings are too short to tell {arm} from {against}: {size} after so few steps.",
    data="Planted crosses",
    arm="parallel",
    against="sequential",
    size="+0.10 points of recall@100 (+1.0%)",
)
NOTHING = Sentence("On {data}, no arm has a result to compare.", data="Planted crosses")
ONLY_ONE = Sentence(
    "On {data}, only {arm} has a result; nothing to compare with.", data="Planted crosses", arm="parallel"
)
ONLY_SOME = Sentence(
    "On {data}, only {arms} have a result; nothing to compare with.", data="Planted crosses", arms="parallel and linear"
)
SEVERAL = Sentence(
    "On {data}, {found}.",
    data="Planted crosses",
    found="better than sequential: parallel and linear; not detectably different from sequential: deep only",
)
OF_SEVERAL = {
    "better": Sentence("better than {against}: {arms}", against="sequential", arms="parallel and linear"),
    "worse": Sentence("worse than {against}: {arms}", against="sequential", arms="linear"),
    "no detectable difference": Sentence(
        "not detectably different from {against}: {arms}", against="sequential", arms="deep only"
    ),
    "too few seeds": Sentence("one seed cannot tell from {against}: {arms}", against="sequential", arms="parallel"),
    "too short": Sentence("trained too shortly to tell from {against}: {arms}", against="sequential", arms="parallel"),
}
"""What is found of some of several arms, by verdict, in the order in which it is told."""

SAMPLE = Sentence(
    "{terms}; {seeds}, {users} test users, {events} test events.",
    terms="Equal dense parameters, default settings",
    seeds="3 seeds",
    users="389",
    events="17,718",
)
SAMPLE_AND_P = Sentence(
    "{terms}; {seeds}, {users} test users, {events} test events; {p}.",
    terms="Equal dense parameters, default settings",
    seeds="3 seeds",
    users="389",
    events="17,718",
    p="p = 0.014",
)
DRAWN_ANEW = Sentence("{seeds}, each with training users drawn anew", seeds="5 seeds")
IN_SETS = Sentence("{seeds} in {sets} drawn anew", seeds="6 seeds", sets="3 training sets")
IN_WORLDS = Sentence("{seeds} in {worlds}", seeds="6 seeds", worlds="3 worlds")
OF_SETS = {"bootstrap": ("Training sets", "set"), "worlds": ("Worlds", "world")}
IN_POINTS = Sentence("{size} points", size="0.80")
SETS_APART = Sentence(
    "{what} differ by {sets} (standard deviation), seeds of one {one} by {seeds}.",
    what="Training sets",
    one="set",
    sets="0.40 points",
    seeds="0.80 points",
)
SETS_ALIKE = Sentence(
    "{what} differ no more than their seeds explain, and these by {seeds} (standard deviation).",
    what="Training sets",
    seeds="0.80 points",
)
AGREE_BY_CHANCE = Sentence(
    "These seeds agree more closely than luck allows. The interval uses the spread that luck makes."
)
ONE_LOOK = Sentence("One look was made; interval and p count all that were planned.")
LOOKS = Sentence("{looks} looks were made; interval and p count all that were planned.", looks="Three")
NONE_THAT_MATTERS = Sentence("The difference is smaller than {size}: none that matters.", size="1 point")
BY_ITSELF = Sentence("The interval by itself leaves zero out, but not with all {family} counted.", family="arms")
OVERSTATED = Sentence("This result is smaller, so it may be overstated.")
DETECTS = Sentence("{seeds} seeds reliably detect only about {size} points.", seeds="Three", size="2.7")
DETECTS_NOTHING = Sentence("{seeds} seeds detect no difference reliably.", seeds="Two")
TWO_SEEDS = Sentence("Two seeds say little about how far trainings spread. A third narrows the interval most.")
ONE_SEED_NEEDS = Sentence(
    "One seed says nothing about how far seeds spread: train at least three, and about {seeds} for {size} if they "
    "spread as in the showcase run.",
    seeds="7",
    size="1 point",
)
ONE_SEED_NEEDS_MORE = Sentence("One seed says nothing about how far seeds spread: train at least three.")
TOO_FEW_USERS = Sentence("No number of seeds would find {size} with so few users.", size="1 point")
MORE_SEEDS_THAN = Sentence("To detect {size}, more than {seeds} seeds are needed.", size="1 point", seeds="200")
SEEDS_NEEDED = Sentence("To detect {size}, about {seeds} seeds are needed.", size="1 point", seeds="5")

MATCHED = {
    "parameters": Sentence("Sizes match: {arm} is {share} {more}.", arm="parallel", share="0.1%", more="larger"),
    "flops": Sentence("FLOPs match: {arm} needs {share} {more}.", arm="parallel", share="0.4%", more="more"),
    "train-time": Sentence(
        "Training times match: {arm} takes {share} {more}.", arm="parallel", share="0.4%", more="longer"
    ),
}
"""What is left of a match that could be met, by what was matched."""
MORE_OR_LESS = {"train-time": ("more", "less")}
MORE_OR_FEWER = ("more", "fewer")
LARGER_OR_SMALLER = {"parameters": ("larger", "smaller"), "flops": ("more", "fewer"), "train-time": ("longer", "less")}
UNMATCHED = Sentence(
    "Sizes differ: {arm} has {share} {more} {unit}.", arm="parallel", share="8.0%", more="more", unit="dense parameters"
)
NOT_MET = Sentence(
    "The match could not be met: {arm} has {share} {more} {unit}.",
    arm="parallel",
    share="8.0%",
    more="fewer",
    unit="FLOPs",
)

BELOW = Sentence(
    "Below {baselines} in {metric}: {arms}.", baselines="own history and PureSVD", metric="recall@100", arms="parallel"
)
ABOVE = Sentence("Above {baselines} in {metric}: {arms}.", baselines="guessing", metric="log loss", arms="parallel")

SIZE_AND_SHARE = Sentence("{size} ({share})", size="+3.20 points of recall@100", share="+8.0%")
ARMS, ARMS_AND_K = "arms", "arms and K"
OF_ASKED = Sentence("{counted} of {asked}", counted=2, asked=3)
UNKNOWN_SETTINGS = "settings as they were"
SCORING = Sentence("scoring candidates with {arm}", arm="parallel")
DOT_PRODUCT, EACH_CANDIDATE = "query tower and dot products", "joint network, a row a candidate"
QUERY_ONCE = "joint network, query looked up once"
RANKING = Sentence("ranking with {arm}", arm="parallel")

BY_POPULARITY = ("top 1%", "next 9%", "next 40%", "least popular half")
BY_ACTIVITY = ("least active quarter", "second quarter", "third quarter", "most active quarter")
A_SLICE = Sentence("{field} {value} ({size})", field="Hour", value="16 h", size="+4.87")
PART_OF_KIND = Sentence("{part} {size}", part="top 1%", size="+1.20")
PART_OF_KIND_SURE = Sentence("{part} {size}∗", part="next 9%", size="+3.10")
POINTS_OF = Sentence("points of {metric}", metric="recall@100")
NO_SLICES = Sentence("No part of the test events is large enough to say anything about.")
SLICES_ONE_SEED = Sentence("One seed cannot say where a difference comes from: train at least three.")
ALIKE = Sentence(
    "None of {slices} slices is detectably different from the rest (all slices of a kind counted). The difference may "
    "be the same everywhere.",
    slices=137,
)
ALIKE_ONE = Sentence("The one slice that is large enough is not detectably different from the rest.")
NO_SLICE_DIFFERS = Sentence(
    "In none of {slices} slices are {arm} and {against} detectably different (all slices of a kind counted). The "
    "largest by size alone: {largest}.",
    slices=137,
    arm="parallel",
    against="sequential",
    largest="Hour 16 h (+4.87)",
)
ONE_SLICE_NO_DIFFERENCE = Sentence(
    "In the one slice that is large enough, {arm} and {against} are not detectably different: {largest}.",
    arm="parallel",
    against="sequential",
    largest="Hour 16 h (+4.87)",
)
IN_A_SLICE = Sentence(
    "{field} {value}: {size} {interval}, {share} of the events. Elsewhere {elsewhere}.",
    field="Hour",
    value="16 h",
    size="+4.87 points of recall@100",
    interval="[+2.77, +6.98]",
    share="10%",
    elsewhere="+3.21",
)
IN_A_SLICE_UNLIKE = Sentence(
    "{field} {value}: {size} {interval}, {share} of the events. Elsewhere {elsewhere}, which is detectably different.",
    field="Hour",
    value="16 h",
    size="+4.87 points of recall@100",
    interval="[+2.77, +6.98]",
    share="10%",
    elsewhere="+1.21",
)
BY_KIND = Sentence(
    "By {kind}, in {metric}: {buckets}. An asterisk marks a significant difference.",
    kind="item popularity",
    metric="points of recall@100",
    buckets="top 1% −0.90, next 40% +5.42∗",
)

ESTIMANDS = {
    "one": Sentence("It is about these training events: another year, or another world, may differ by more."),
    "bootstrap": Sentence(
        "It is about training sets like this one: each seed trained on users drawn anew from it, with about a "
        "third of them missing each time. The interval holds how far such sets differ."
    ),
    "worlds": Sentence(
        "It is about worlds like these: seeds trained, and were tested, in several of the same settings. The interval "
        "holds how far such worlds differ. Baselines, slices and the pages that look inside are of the first world."
    ),
    "sets": Sentence(
        "It is about training sets like this one: sets were drawn anew from its users, with about a third of them "
        "missing each time, and several seeds trained on each. The interval holds how far such sets and seeds differ."
    ),
}
"""What a verdict is about, by the training sets of its study."""

# the terms of a comparison

UNITS = {
    "none": Sentence("dense parameters"),
    "parameters": Sentence("dense parameters"),
    "flops": Sentence("FLOPs"),
    "train-time": Sentence("training time"),
}
TERMS = Sentence("{matched}, {settings}", matched="equal dense parameters", settings="default settings")
SAME_BLOCKS = Sentence("same blocks")
EQUAL = Sentence("equal {unit}", unit="FLOPs")
NEARLY = Sentence("{unit} matched as closely as could be", unit="FLOPs")
AFTER_HOLM = Sentence("{chance} after Holm", chance="p = 0.012")
AFTER_HOLM_OVER = Sentence("{chance} after Holm over {arms}", chance="p = 0.012", arms="3 arms")
ONE_POINT, POINTS = Sentence("1 point"), Sentence("{size} points", size="0.5")

# what the advantage of parallel is made of

STEPS = (
    Sentence("x0 goes to the head too"),
    Sentence("crosses go there in place of x0"),
    Sentence("the MLP reads x0, not the crosses"),
)
SOURCES = (Sentence("a skip round the MLP"), Sentence("crossing on that skip"), Sentence("an MLP that reads x0"))
STEP_BY_STEP = Sentence(
    "From sequential to parallel, step by step: {steps}.", steps="x0 goes to the head too, +2.00 points [+1.00, +3.00]"
)
STEP = Sentence("{step}, {size} {interval}", step="x0 goes to the head too", size="+0.02", interval="[+0.01, +0.03]")
STEP_IN_POINTS = Sentence(
    "{step}, {size} points {interval}", step="x0 goes to the head too", size="+2.00", interval="[+1.00, +3.00]"
)
COMES_FROM = Sentence("The advantage comes from {sources}.", sources="a skip round the MLP")
FROM_NO_STEP = Sentence("No single step brings a detectable advantage.")
ONE_COSTS = Sentence("{sources} costs some of it.", sources="An MLP that reads x0")
SEVERAL_COST = Sentence("{sources} cost some of it.", sources="Crossing on that skip and an MLP that reads x0")
NOT_THE_MLP = Sentence("We detect no effect of what the MLP reads.")

# two runs against each other

LEAD_OF = Sentence("{arm} minus {against}", arm="parallel", against="sequential")
TWO_ARMS = Sentence("{arm} in A, {other} in B", arm="parallel", other="deep only")
OTHER_TASK = Sentence("The two runs were trained for different tasks, so their values can't be paired.")
OTHER_DATA = Sentence(
    "The two runs were tested on different data (hash {first} in A, {second} in B), so their values can't be paired.",
    first="471e3edf86f9",
    second="0c1d2e3f4a5b",
)
OTHER_EVENTS = Sentence(
    "The two runs were tested on different events ({first} in A, {second} in B) or users, so their values can't be "
    "paired.",
    first="39,454",
    second="9,120",
)
OTHER_TRAINING_SETS = Sentence(
    "The two runs have other training sets or worlds for their seeds, so their values can't be paired."
)
NO_SHARED_SEED = Sentence("No arm was trained from the same seed in both runs, so their values can't be paired.")
