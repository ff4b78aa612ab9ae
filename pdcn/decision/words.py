"""Every sentence of the Decide page, and of whoever else shows its sheet."""

from __future__ import annotations

from pdcn import glossary
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
REWIRE_BORROWED = Sentence(
    "Rewire: {arm} gains {size}, 95% interval {interval}. Its calls were not timed; the showcase's take no longer.",
    arm="parallel",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
REWIRE_SLOWER_THERE = Sentence(
    "Rewire if a call may take about {times} as long, as in the showcase: {arm} gains {size}, 95% interval {interval}.",
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
    "We don't know yet: training was not finished. So far {arm} differs from {against} by {size}, 95% interval "
    "{interval}.",
    arm="parallel",
    against="sequential",
    size="+3.20 points of recall@100",
    interval="[+1.64, +4.89]",
)
UNKNOWN_TRAINING = Sentence("We don't know yet: this run is still training.")
UNKNOWN_BELOW = Sentence(
    "We don't know: a model below {baseline} says nothing about its wiring.", baseline="popularity"
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
UNTIMED_ALONE = Sentence(
    "We don't know what a call costs on {device}: {arm} was not timed beside another arm.",
    device="the processor (1 thread)",
    arm="parallel",
)
UNTIMED_TASK = Sentence("We don't know what a request costs: its candidates were not timed in this run, nor by us.")
REQUEST = Sentence(
    "Scoring the {candidates} candidates of a request takes {arm_time} in {arm} and {against_time} in {against}. That "
    "is {arm_times} and {against_times} times what two towers of the same blocks take with dot products.",
    candidates="1,000",
    arm_time="3.1 ms",
    arm="parallel",
    against_time="3.0 ms",
    against="sequential",
    arm_times="150",
    against_times="148",
)
REQUEST_APART = Sentence("Each arm was timed by itself, so nothing is claimed of their difference.")
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
NO_TIME = Sentence("less than 0.1 s")
NO_COST = Sentence("We don't know: this run has no record of it.")

# the reason

SKIP_AS_WELL = Sentence(
    "We detect no difference from a plain skip in {against}: {arm} minus the skip is {size}, 95% interval {interval}.",
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
FOUND_SKIP = Sentence(
    "In our study on {group}, a plain skip in sequential gains {skip} {skip_interval}; all of parallel gains {whole} "
    "{interval}.",
    group="Journey (half)",
    skip="+2.99 points of recall@100",
    skip_interval="[+2.31, +3.72]",
    whole="+3.04",
    interval="[+2.23, +3.86]",
)
FOUND_CAUSE = Sentence(
    "In our study on {group}, {conclusion}",
    group="Journey (half)",
    conclusion="the advantage comes from a skip round the MLP.",
)
FOUND_BOTH = Sentence(
    "In our study on {group}, a plain skip in sequential changes {metric} by {skip} points {skip_interval}; all of "
    "parallel changes it by {whole} {interval}.",
    group="planted crosses",
    metric="grouped AUC",
    skip="+0.29",
    skip_interval="[−0.80, +1.34]",
    whole="−3.17",
    interval="[−4.45, −1.91]",
)
FOUND_DETECTED = Sentence("We detect a difference from sequential for {arms}.", arms="parallel")
FOUND_NEITHER = Sentence("We detect no difference from sequential for either.")
DOUBT_SKIP = Sentence(
    "In our study on {group}, we detect nothing that it adds to a plain skip in sequential. So race that skip first.",
    group="Journey (half)",
)
FROM_FINDINGS = Sentence(
    "This run raced no controls, so that is from our study and not from this run: {seeds}, equal parameters.",
    seeds="5 seeds",
)
FINDING_TIME = "We don't know what the skip costs in time: it was not measured there."
NO_REASON_ALONE = Sentence("We don't know: {arm} raced against no other arm in this run.", arm="parallel")
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
ABOVE_ALL = Sentence("Both arms are above {baselines}.", baselines="popularity and own history")
DATA = Sentence(
    "The data: {data}, {events} events of {users} users and {items} items. {note}",
    data="The Complete Journey",
    events="194,300",
    users="401",
    items="2,159",
    note="It is described as simulated.",
)
DATA_TESTED = Sentence(
    "The data: {data}, {events} events and {items} items, {users} users in the test. {note}",
    data="The Complete Journey",
    events="194,300",
    items="2,159",
    users="389",
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
SETTLE_EPOCHS_AND_SEEDS = Sentence(
    "Train up to {epochs} epochs, until validation gets no better, from {seeds}.", epochs=30, seeds="3 seeds"
)
SETTLE_CONTROLS = Sentence(
    "Race the controls too, which say whether a plain skip does as well: {arms}.",
    arms="sequential skip x0 and sequential skip cross",
)
SETTLE_SETS = Sentence(
    "Draw the training users anew for each seed, which says whether it holds beyond these training events."
)
SETTLE_YOURS = "Nothing here settles it further. Measure it on your own data."
SETTLE_WAIT = "Wait until this run has ended."
SETTLE_AGAIN = "Run it to its end: the same settings, from the start."

# the page

TITLE = "Should I rewire my model?"
ARM = Sentence("Rewire to")
ARM_HELP = Sentence("The wiring that would take the place of the one that all are compared with.")
PLOT = Sentence("Plot against")
PLOT_HELP = Sentence("What the points lie further to the right for.")
BATCH = Sentence("Batch size")
BATCH_HELP = f"{glossary.BATCH_SIZE} The nearest size that was timed is used."
DEVICE = Sentence("You serve on")
DEVICE_HELP = Sentence("Where the query tower runs. The source advises against it where only a processor serves.")
DEVICE_OPTIONS = {"cpu": Sentence("processor"), "cuda": Sentence("GPU")}
PLOT_OPTIONS = {"latency": Sentence("time"), "parameters": Sentence("size"), "training": Sentence("training")}
READ = Sentence(
    "Higher finds more than {against}; further right costs more. Bars are 95% intervals. A filled point is detectable "
    "with all arms counted.",
    against="sequential",
)
BY_SIZE = "The points are drawn against size instead."
NO_FIGURE = Sentence("There is nothing to draw: no two arms of this run can be compared.")
GAIN_AXIS = Sentence("{metric} minus {against} (points)", metric="recall@100", against="sequential")
GAIN_AXIS_PLAIN = Sentence("{metric} minus {against}", metric="log loss", against="sequential")
COST_AXES = {
    "latency": Sentence("time of one call, p50 (µs)"),
    "parameters": Sentence("dense parameters"),
    "training": Sentence("training, seconds a seed"),
}
POINT = Sentence("<b>{arm}</b><br>{size}<br>{interval}", arm="parallel", size="+3.20", interval="[+1.64, +4.89]")
NO_INTERVAL = Sentence("no interval")
POINT_HELD = Sentence("<b>{arm}</b><br>the baseline", arm="sequential")
POINT_HOVER = Sentence("{arm}: {size}, {cost}<extra></extra>", arm="parallel", size="+3.20", cost="106 µs")
ROWS = {
    "cost": Sentence("What does it cost?"),
    "slices": Sentence("Where does the gain come from?"),
    "reason": Sentence("Is it the wiring?"),
    "sure": Sentence("How sure is that?"),
}
SETTLE = Sentence("**What would settle it?** {what}", what="Race the controls too.")
OPEN_COMPARE = "Open it in Compare"
TO_COMPARE = "The whole comparison"
TO_LATENCY = "All times, and timing on this machine"

# the form

FORM = "In your case"
FORM_LEAD = Sentence(
    "Say what your model is like, and above where you serve. Each answer counts comparisons of parallel with "
    "sequential that were run, by you or by us, and links to them."
)
QUESTIONS = {
    "task": Sentence("Your task"),
    "device": Sentence("You serve on"),
    "size": Sentence("Dense parameters"),
    "width": Sentence("Room for a wider head"),
    "crossing": Sentence("Crossing in use"),
    "data": Sentence("Training events"),
}
HELP = {
    "task": Sentence(
        "The pattern is meant for retrieval with two towers. Several outcomes are, for example, clicks and conversions."
    ),
    "size": f"{glossary.DENSE} The source advises against it in very small models, where joining both outputs is "
    "costly.",
    "width": Sentence(
        "Joining both outputs widens what the head reads. The source advises against it where the head can't take that."
    ),
    "crossing": Sentence("The source advises against mixing it with another way to cross."),
    "data": Sentence("Purchases, clicks or whatever your model learns from."),
}
OPTIONS = {
    "task": {
        "retrieval": Sentence("retrieval"),
        "outcomes": Sentence("retrieval, several outcomes"),
        "ranking": Sentence("ranking"),
    },
    "size": {
        "usual": Sentence("20,000 to 300,000"),
        "small": Sentence("fewer than 20,000"),
        "large": Sentence("more than 300,000"),
    },
    "width": {"wider": Sentence("yes"), "same": Sentence("no")},
    "crossing": {
        "full": Sentence("full matrix (DCN V2)"),
        "low_rank": Sentence("low-rank"),
        "mixture": Sentence("mixture"),
        "dcn_v1": Sentence("DCN V1"),
        "gated": Sentence("gated (GDCN)"),
        "attention": Sentence("attention (AutoInt)"),
        "other": Sentence("another, or none"),
    },
    "data": {
        "usual": Sentence("50,000 to 500,000"),
        "few": Sentence("fewer than 50,000"),
        "many": Sentence("more than 500,000"),
    },
}
NONE = "none"
COUNTED = {
    "for": Sentence(
        "Parallel beats sequential in {better} of {of} comparisons like this and loses in none.", better=5, of=8
    ),
    "against": Sentence("Parallel loses in {worse} of {of} comparisons like this and wins in none.", worse=1, of=3),
    "mixed": Sentence(
        "It depends: of {of} comparisons like this, parallel wins {better} and loses {worse}.", of=8, better=3, worse=1
    ),
    "neither": Sentence("In none of {of} comparisons like this do we detect a difference.", of=2),
}
OTHERS = Sentence("The other {others} show no detectable difference.", others=5)
OTHER_ONE = Sentence("The other one shows no detectable difference.")
YOURS_AMONG = Sentence("Your own: {runs}.", runs="2 runs")
NONE_OF_YOURS = "None of the comparisons is your own."
NOT_MEASURED = {
    "task": Sentence("We don't know: none of our studies and none of your runs compared both wirings on this task."),
    "size": Sentence("We don't know: neither we nor you compared both wirings at such a size on this task."),
    "width": Sentence("We don't know: neither we nor you compared both wirings under such a budget on this task."),
    "crossing": Sentence("We don't know: neither we nor you compared both wirings with such a crossing on this task."),
    "data": Sentence("We don't know: neither we nor you compared both wirings on so much data on this task."),
}
SLOWER = Sentence("Side by side takes longer here.")
NOT_SLOWER = Sentence("We detect no extra time for side by side here.")
FOUND = Sentence(
    "{group}, {label}: {size} points of {metric}, 95% interval {interval}, {verdict}",
    group="Journey (half)",
    label="equal parameters",
    size="+3.04",
    metric="recall@100",
    interval="[+2.23, +3.86]",
    verdict="better",
)
OWN = Sentence(
    "Your run {run} on {data}: {size}, 95% interval {interval}, {verdict}",
    run="20261126-101010-abcd",
    data="Planted crosses",
    size="+2.19 points of recall@100",
    interval="[+1.27, +3.12]",
    verdict="better",
)
OWN_ONE_SEED = Sentence(
    "Your run {run} on {data}: {size}, {verdict}",
    run="20261126-101010-abcd",
    data="Planted crosses",
    size="+2.19 points of recall@100",
    verdict="too few seeds",
)
NOT_FINISHED = Sentence("not counted, as training was not finished")
NOT_ABOVE = Sentence("not counted, as a model is below {baseline}", baseline="popularity")
LEANS = {
    "for": Sentence("{count} for rewiring", count=3),
    "against": Sentence("{count} against", count=1),
    "mixed": Sentence("{count} undecided", count=1),
    "neither": Sentence("{count} without a detectable difference", count=1),
    "unknown": Sentence("{count} unknown, as nobody measured it", count=1),
}
SUMMARY = Sentence("Of {answers} answers: {parts}.", answers=6, parts="3 for rewiring, 1 against")
COUNTED_ALL = Sentence(
    "Our verdicts count every row of their question, so an interval that leaves zero out may still be no detectable "
    "difference."
)
LEAN_NAMES = {
    "for": Sentence("for"),
    "against": Sentence("against"),
    "mixed": Sentence("it depends"),
    "neither": Sentence("no difference"),
    "unknown": Sentence("unknown"),
}
TO_QUESTION = Sentence("Our study: {question}", question="And in very small models?")
TO_RUN = Sentence("Your run {run}", run="20261126-101010-abcd")

# what it is worth

WORTH_TITLE = "What is it worth?"
REQUESTS = Sentence("Requests a day")
SHARE = Sentence("With a relevant item (%)")
SHARE_HELP = Sentence("Of how many requests the catalogue holds an item that the person would choose.")
VALUE = Sentence("Value of a hit")
VALUE_HELP = Sentence("In your currency. Leave it at 0 where you don't know it.")
WORTH = Sentence(
    "Per 1,000 requests, {arm} brings {hits} hits against {against}, 95% interval {interval}. A hit is the chosen item "
    "among the first {k}.",
    arm="parallel",
    hits="+32.0",
    against="sequential",
    interval="[+16.4, +48.9]",
    k=100,
)
WORTH_SO_FAR = Sentence(
    "Training was not finished, so these numbers may change. So far, per 1,000 requests, {arm} brings {hits} hits "
    "against {against}, 95% interval {interval}. A hit is the chosen item among the first {k}.",
    arm="parallel",
    hits="+32.0",
    against="sequential",
    interval="[+16.4, +48.9]",
    k=100,
)
WORTH_A_DAY = Sentence("In a day: {hits} hits {interval}.", hits="+31,968", interval="[+16,377, +48,880]")
WORTH_IN_VALUE = Sentence("In value: {value} a day {interval}.", value="+3,197", interval="[+1,638, +4,888]")
WORTH_NOTHING = Sentence("The interval holds no gain too, so it may be worth nothing.")
WORTH_UNKNOWN = Sentence("We don't know: this run has no difference in recall with an interval.")
WORTH_MEASURED = (
    Sentence(
        "Recall is the share of requests with a relevant item in which that item is among the first K. So hits are "
        "requests × the share with a relevant item × the difference; so is each end of the interval."
    ),
    "**It does not show** what people do: a hit in a list of a past log is no sale. Each user counts once here, where "
    "your traffic has busy users. Measure it with an experiment on real traffic.",
)
WORTH_BY_EVENT = Sentence(
    "Counting every event alike, the difference in this run is {size}, without an interval.",
    size="+3.73 points of recall@100",
)

# the report

REPORT = Sentence("Report")
REPORT_FORMS = {
    ".html": Sentence("HTML, works offline"),
    ".pdf": Sentence("PDF, one page"),
    ".png": Sentence("PNG, one page"),
}
