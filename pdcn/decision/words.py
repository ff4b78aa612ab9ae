"""Every sentence of the Decide page, and of whoever else shows its sheet."""

from __future__ import annotations

from pdcn.words import Sentence

# the question and the decision

QUESTION = Sentence(
    "On {data}, should {arm} replace {against}?", data="The Complete Journey", arm="parallel", against="sequential"
)
QUESTION_OF_ONE = Sentence("On {data}, is {arm} the right wiring?", data="Planted crosses", arm="parallel")

REWIRE = Sentence(
    "Rewire: {arm} gains {size}, 95% interval {interval}, and we detect no extra time for a call.",
    arm="parallel",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
REWIRE_SLOWER = Sentence(
    "Rewire if a call may take {times} as long: {arm} gains {size}, 95% interval {interval}.",
    times="1.06 times",
    arm="parallel",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
REWIRE_UNTIMED = Sentence(
    "Rewire if the time of a call allows it, which we don't know: {arm} gains {size}, 95% interval {interval}.",
    arm="parallel",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
SKIP_FIRST = Sentence(
    "Try a plain skip in {against} first: {arm} gains {size}, 95% interval {interval}, and we detect nothing that it "
    "adds to the skip.",
    against="sequential",
    arm="parallel",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
KEEP_BETTER = Sentence(
    "Keep {against}: {arm} loses {size}, 95% interval {interval}.",
    against="sequential",
    arm="parallel",
    size="−1.20 points of recall@100",
    interval="[−2.10, −0.30]",
)
KEEP_ALIKE = Sentence(
    "Keep {against}: {arm} differs by less than {matters}, {size}, 95% interval {interval}.",
    against="sequential",
    arm="parallel",
    matters="1 point",
    size="+0.20 points of recall@100",
    interval="[−0.30, +0.70]",
)
UNKNOWN = Sentence(
    "We don't know yet: we detect no difference between {arm} and {against}, {size}, 95% interval {interval}.",
    arm="parallel",
    against="sequential",
    size="+0.80 points of recall@100",
    interval="[−1.20, +2.80]",
)
UNKNOWN_UNFINISHED = Sentence(
    "We don't know yet: training was not finished. So far {arm} changes it by {size}, 95% interval {interval}.",
    arm="parallel",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
UNKNOWN_BELOW = Sentence(
    "We don't know: a model that finds less than {baseline} says nothing about its wiring.", baseline="popularity"
)
UNKNOWN_ONE_SEED = Sentence(
    "We don't know yet: one training of each cannot tell {arm} from {against}.", arm="parallel", against="sequential"
)
UNKNOWN_SHORT = Sentence(
    "We don't know yet: these trainings are too short to tell {arm} from {against}.",
    arm="parallel",
    against="sequential",
)
UNKNOWN_NOTHING = Sentence("We don't know: this run has no two arms with a result to compare.")
NO_RESULT = Sentence("This run has no result yet.")
POINTS = Sentence("{size} points", size="0.5")
ONE_POINT = Sentence("1 point")

# by slice

NO_SLICES = Sentence("We don't know: this run kept no slices.")

# the cost

LATENCY = Sentence(
    "At batch {batch} on {device}, one call of the query tower takes {arm_time} in {arm} and {against_time} in "
    "{against}: {times}.",
    batch="1",
    device="the processor (1 thread)",
    arm="parallel",
    arm_time="96 µs",
    against="sequential",
    against_time="90 µs",
    times="1.06 times [1.02, 1.11]",
)
TIMES = Sentence("{ratio} times {interval}", ratio="1.06", interval="[1.02, 1.11]")
TIMES_ALIKE = Sentence("{ratio} times {interval}, no detectable difference", ratio="1.00", interval="[0.98, 1.02]")
RATIO = Sentence("{ratio} times", ratio="1.06")
TIMED_ON = Sentence("Timed on {machine}.", machine="Intel Xeon Processor, 2 cores")
NEAREST = Sentence("Batch {asked} was not timed; this is the nearest that was.", asked="100")
OF_SHOWCASE = Sentence("This run was not timed. These are the towers of the showcase run, which may differ in size.")
UNTIMED = Sentence(
    "We don't know what a call costs on {device}: {arm} and {against} were not timed there.",
    device="a GPU",
    arm="parallel",
    against="sequential",
)
DEVICES = {"cpu": Sentence("the processor"), "cuda": Sentence("a GPU")}
ON_THREADS = Sentence("{device} ({threads})", device="the processor", threads="1 thread")
PARAMETERS = Sentence(
    "{arm} has {arm_dense} dense parameters and {against} {against_dense} ({share}).",
    arm="Parallel",
    arm_dense="82,868",
    against="sequential",
    against_dense="82,825",
    share="+0.1%",
)
TRAINING = Sentence(
    "Training took {arm_time} a seed for {arm} and {against_time} for {against}. Each ended by its own rule, and we "
    "have no interval for this.",
    arm="parallel",
    arm_time="17.1 s",
    against="sequential",
    against_time="17.8 s",
)
SECONDS = Sentence("{seconds} s", seconds="17.1")
NO_COST = Sentence("We don't know: this run has no record of it.")
COSTS = {
    "latency": Sentence("Time of a call"),
    "parameters": Sentence("Parameters"),
    "training": Sentence("Training time"),
}

# the reason

SKIP_AS_WELL = Sentence(
    "A plain skip in {against} does as well, as far as we detect: {arm} minus the skip is {size}, 95% interval "
    "{interval}.",
    against="sequential",
    arm="parallel",
    size="+0.10 points of recall@100",
    interval="[−0.90, +1.10]",
)
SKIP_LESS = Sentence(
    "A plain skip in {against} does not do as well: {arm} minus the skip is {size}, 95% interval {interval}.",
    against="sequential",
    arm="parallel",
    size="+1.10 points of recall@100",
    interval="[+0.40, +1.80]",
)
SKIP_BETTER = Sentence(
    "A plain skip in {against} does better: {arm} minus the skip is {size}, 95% interval {interval}.",
    against="sequential",
    arm="parallel",
    size="−1.10 points of recall@100",
    interval="[−1.80, −0.40]",
)
SKIPS = {"better": SKIP_LESS, "worse": SKIP_BETTER, "no detectable difference": SKIP_AS_WELL}
"""What is said of the arm held against the skip, by what was found."""
SKIP_UNKNOWN = Sentence(
    "Whether a plain skip in {against} would do as well, these seeds do not tell.", against="sequential"
)
SKIP_COST = Sentence(
    "The skip has {skip} dense parameters and {arm} {dense}.", skip="82,868", arm="parallel", dense="82,868"
)
SKIP_UNTIMED = "We don't know what the skip costs in time: it was not timed."
SKIP_TIMED = Sentence(
    "A call of the skip takes {time}, one of {arm} {other}.", time="92 µs", arm="parallel", other="96 µs"
)
FROM_FINDINGS = Sentence(
    "This run raced no controls, so this is from our own study on {group}: {seeds}, equal parameters.",
    group="Journey (half)",
    seeds="5 seeds",
)
FOUND_SKIP = Sentence(
    "There, a plain skip in sequential gains {skip} {skip_interval}. All of parallel gains {whole} {interval}.",
    skip="+2.99 points of recall@100",
    skip_interval="[+2.31, +3.72]",
    whole="+3.04 points of recall@100",
    interval="[+2.23, +3.86]",
)
FINDING_TIME = "What the skip costs in time was not measured there."
NO_REASON = Sentence(
    "We don't know: nothing was measured that says why {arm} and {against} differ.",
    arm="parallel sum",
    against="sequential",
)

# how sure

ALL_FINISHED = Sentence("Every training of both arms ended by itself or in its last epoch.")
ENDED = {
    "stopped": Sentence("This run was stopped before it was done; only finished seeds count."),
    "interrupted": Sentence("This run was interrupted before it was done; only finished seeds count."),
    "failed": Sentence("This run failed before it was done; only finished seeds count."),
    "running": Sentence("This run is still training; what it says may change."),
    "paused": Sentence("This run is paused; what it says may change."),
    "queued": Sentence("This run has not begun."),
}
ABOVE_ALL = Sentence("Both arms find more than {baselines}.", baselines="popularity and own history")
DATA = Sentence(
    "The data: {data}, {events} events of {users} users and {items} items. {note}",
    data="The Complete Journey",
    events="194,300",
    users="389",
    items="2,159",
    note="It is described as simulated.",
)
IN_DOUBT = "Another catalogue, another year or another traffic may answer otherwise."

# what would settle it

SETTLE_ARMS = Sentence("Race {arm} against {against}.", arm="parallel", against="sequential")
SETTLE_SEEDS = Sentence(
    "Train {seeds} from the same settings, enough to detect {matters}.", seeds="8 seeds", matters="1 point"
)
SETTLE_MORE_SEEDS = Sentence("Train {seeds} from the same settings.", seeds="3 seeds")
SETTLE_EPOCHS = Sentence("Train up to {epochs} epochs, until validation gets no better.", epochs=30)
SETTLE_CONTROLS = Sentence(
    "Race the controls too, which say whether a plain skip does as well: {arms}.",
    arms="sequential skip x0 and sequential skip cross",
)
SETTLE_SETS = Sentence(
    "Draw the training users anew for each seed, which says whether it holds beyond these training events."
)
SETTLE_YOURS = "Nothing here settles it further. Measure it on your own data."
SETTLE_AGAIN = "Run it to its end: the same settings, from the start."
