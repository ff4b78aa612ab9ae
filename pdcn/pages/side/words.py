"""Every sentence of the page that holds two runs side by side."""

from pdcn.evaluation.statistics import Outcome
from pdcn.words import Sentence

TITLE = Sentence("Two runs side by side")
FIRST, SECOND = Sentence("Run A"), Sentence("Run B")
FIRST_HELP = Sentence("The run that all pages show. Differences are A minus B.")
SECOND_HELP = Sentence("The run that A is held against.")
SWAP = Sentence("Swap A and B")
OPTION = Sentence("{name} · {data} · {when}", name="wide towers", data="planted crosses", when="26 Nov 2026 10:10")
OPTION_UNNAMED = Sentence("{when} · {data} · {end}", when="26 Nov 2026 10:10", data="planted crosses", end="abcd")
SHOWCASE = Sentence("the showcase")
TO_COMPARE = Sentence("Train another run")
ONLY_ONE = Sentence("There is only one run, so there is nothing to hold it against. Train another on the Compare page.")
SAME_RUN = Sentence("A and B are the same run. Choose another one for B.")

# what differs

SETTING, IN_A, IN_B = Sentence("setting that differs"), Sentence("A"), Sentence("B")
OF_ITEM = Sentence("{label} of the item tower", label="Deep widths")
ALL_SETTINGS = Sentence("All {count} settings that differ", count=9)
SAME_SETTINGS = Sentence("Both runs have the same settings.")
SAME_TRAININGS = Sentence(
    "Both runs ranked every test event alike, from the same seeds. One repeats the other, so there is no difference."
)

# how far each run is

NO_RESULT = Sentence("Run {which} has no result yet, so only the settings can be compared.", which="B")
NEVER = Sentence("Run {which} ended before it had a result, so only the settings can be compared.", which="B")
LIVE = Sentence("Run {which} is still at work. Its values are those of the seeds that have ended.", which="A")
ENDED_EARLY = Sentence(
    "Run {which} ended early: {state}. Only the seeds that had ended count.", which="A", state="stopped"
)
OTHERWISE = Sentence("Run {which}: {said}", which="A", said="It was trained with another version.")
UNTIL_SURE = Sentence(
    "A run that trains until it is sure chose its number of seeds by its result. So this interval may be a little too "
    "narrow."
)

# the answer

IN_POINTS, IN = Sentence("In points of {metric}:", metric="recall@100"), Sentence("In {metric}:", metric="MRR")
SAID: dict[Outcome, Sentence] = {
    "better": Sentence("**A is better** for {arms}.", arms="parallel"),
    "worse": Sentence("**B is better** for {arms}.", arms="parallel"),
    "no detectable difference": Sentence("**No detectable difference** for {arms}.", arms="sequential"),
    "too few seeds": Sentence("One seed in common is too few to test {arms}.", arms="parallel and sequential"),
    "too short": Sentence("Trainings were too short to test {arms}.", arms="parallel and sequential"),
}
COUNTED_TOGETHER = Sentence(
    "These {rows} tests are counted together, so an interval that leaves zero out may still be no detectable "
    "difference.",
    rows=3,
)
SAME_MODELS = Sentence(
    "**The same models** in both runs for {arms}: from the same seeds, they rank every test event alike.",
    arms="parallel and sequential",
)
ROW = Sentence("{arms} ({change} {interval})", arms="parallel", change="+1.20", interval="[+0.40, +2.00]")
LEAD_LARGER = Sentence(
    "The lead of {arm} over {against} is **larger in A**, by {size} {interval}.",
    arm="parallel",
    against="sequential",
    size="0.90 points of recall@100",
    interval="[+0.20, +1.60]",
)
LEAD_SMALLER = Sentence(
    "The lead of {arm} over {against} is **smaller in A**, by {size} {interval}.",
    arm="parallel",
    against="sequential",
    size="0.90 points of recall@100",
    interval="[+0.20, +1.60]",
)
LEAD_ALIKE = Sentence(
    "We detect no change in the lead of {arm} over {against}: {size} {interval}.",
    arm="parallel",
    against="sequential",
    size="+0.10 points of recall@100",
    interval="[−0.50, +0.70]",
)
UNPAIRED = Sentence(
    "{why} The values below are shown without a test.", why="The two runs were tested on different data."
)
OTHER_METRIC = Sentence(
    "Their headlines also differ: {first} in A, {second} in B.", first="recall@100", second="recall@10"
)

# figures and tables

LINE = Sentence("{which} · {arm}", which="A", arm="parallel")
CURVES = Sentence("Solid lines are A, dashed lines are B, and a colour is a wiring.")
CURVES_BANDS = Sentence("Bands reach from the lowest to the highest seed.")
NOT_ONE_DATA = Sentence("The data differ, so the heights of A and B can't be compared.")
FOREST_TITLE = Sentence("A minus B, paired over users and seeds")
AXIS = Sentence("A minus B in {metric}", metric="recall@100")
FOREST = Sentence(
    "Each mark is a mean with its 95% interval. A filled mark is significant even after all {rows} tests here.", rows=3
)
FOREST_BASIS = Sentence(
    "Rows pair {users} users and {events} test events, over the seeds that both runs have: {seeds}.",
    users="801",
    events="9,000",
    seeds="3",
)
FOREST_DOES_NOT_SHOW = Sentence(
    "Nobody planned these tests in advance. If you compare many pairs of runs, some differ by chance alone."
)
NOT_CAUSE = Sentence("Where several settings differ, this does not tell which one matters.")
GROUPS = Sentence("A minus B"), Sentence("change of the lead, A minus B")
VALUES = Sentence("The numbers")
ALL_VALUES = Sentence("Every value")
ARM, VALUE, A_MINUS_B = Sentence("arm"), Sentence("value"), Sentence("A minus B")
INTERVAL, CHANCE, SEEDS = Sentence("95% interval"), Sentence("p (Holm)"), Sentence("seeds in common")
IN_RUN = Sentence("{metric} in {which}", metric="recall@100", which="A")
DENSE, FLOPS, TRAINING = Sentence("dense parameters"), Sentence("FLOPs per example"), Sentence("training time (s)")
NO_VALUE = Sentence("—")
HOW = (
    Sentence(
        "Both runs were tested on the same events. A user's values in A are held against the same user's in B, and a "
        "training from a seed against the one from the same seed."
    ),
    Sentence(
        "The interval and p-value come from the method of the Compare page: users are resampled, and the spread "
        "between seeds is added. All rows are one family for Holm."
    ),
    Sentence(
        "The change of the lead asks whether the settings change the answer. It is the difference between two arms in "
        "A, minus the same difference in B."
    ),
)
