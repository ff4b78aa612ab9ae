"""Every sentence of the Latency page, and of `bench latency` where it says the same."""

from __future__ import annotations

from pdcn import glossary
from pdcn.words import Sentence

TITLE = "What does it cost to serve?"

# the work

TIMING = "timing the towers"
TIMING_TOWER = Sentence(
    "timing the {tower} tower at batch {batch}, {threads} an operation", tower="query", batch="64", threads="1 thread"
)
TIMING_CANDIDATES = "timing the candidates of a request"
BUILDING = Sentence("building indexes of {items} items", items="2,159")
TIMING_LISTS = Sentence(
    "timing lists from {items} items at batch {batch}, {threads} an operation",
    items="2,159",
    batch=64,
    threads="1 thread",
)
WHY_LEFT_OUT = {
    "compiled": "compiling takes minutes and was not asked for",
    "fused": "one first product needs a cross layer that begins with one matrix of x0",
    "two streams, CUDA graphs": "they are a GPU's, and this ran on a processor",
    "two threads": "this machine has one core",
}
THE_REST = "compiled, the rest"
COMPILED_TOO_LONG = Sentence("compiling had taken {seconds} seconds", seconds="240")
COMPILER_FAILED = Sentence("the compiler failed here ({error})", error="RuntimeError")

# the forms of a tower

NAMED = {
    "sequential": "one after the other",
    "parallel": "side by side, plain code",
    "fused": "side by side, one fused first product",
    "two threads": "side by side, a thread per branch",
    "two streams": "side by side, two streams",
    "compiled sequential": "one after the other, compiled",
    "compiled parallel": "side by side, compiled",
    "compiled fused": "side by side, fused, compiled",
    "graph of sequential": "one after the other, CUDA graph",
    "graph of parallel": "side by side, CUDA graph",
    "graph of fused": "side by side, fused, CUDA graph",
    "graph of two streams": "side by side, two streams, CUDA graph",
}
"""Whole towers of the same blocks, in the order in which they are told."""

# what the times say

TIMES = Sentence("{ratio} times {interval}", ratio="1.05", interval="[1.03, 1.07]")
TIMES_ALIKE = Sentence("{ratio} times {interval} (no detectable difference)", ratio="1.00", interval="[0.98, 1.02]")
PLAIN = Sentence(
    "At batch {batch} and {threads}, side by side as plain code takes {times} the time of one after the other.",
    batch="64",
    threads="1 thread",
    times="1.05 times [1.03, 1.07]",
)
PLAIN_ALIKE = Sentence(
    "At batch {batch} and {threads}, side by side as plain code takes as long as one after the other: {times}.",
    batch="64",
    threads="1 thread",
    times="1.00 times [0.98, 1.02] (no detectable difference)",
)
NO_BRANCHES = "Without two branches that take time there is nothing to overlap."
HIDES_NOTHING = "We measured no time saved by running the branches side by side."
HIDES_ONE = Sentence(
    "“{form}” hides {share} {interval} of the shorter branch's time.",
    form="side by side, a thread per branch",
    share="60%",
    interval="[58%, 62%]",
)
HIDES_MOST = Sentence(
    "The best of {count} forms is “{form}”: it hides {share} {interval} of the shorter branch's time.",
    count=3,
    form="side by side, a thread per branch",
    share="60%",
    interval="[58%, 62%]",
)
AT_BATCH = Sentence("{times} at batch {batch}", times="1.05 times [1.03, 1.07]", batch="64")
AT_CELL = Sentence(
    "{times} at batch {batch} and {threads}", times="1.05 times [1.03, 1.07]", batch="64", threads="1 thread"
)

# when not to run side by side

CPU, GPU = "CPU-only serving", "Serving on this GPU"
SERVING = Sentence(
    "**{where}, {threads}.** Time of plain code side by side, relative to one after the other: {times}.",
    where=CPU,
    threads="1 thread",
    times="1.20 times [1.18, 1.22] at batch 1",
)
SERVING_WHY = " Plain code runs one branch after the other all the same, and joining them takes extra time."
FORMS = {
    "two threads": "Branches in two threads",
    "two streams": "Branches in two streams",
    "graph of two streams": "Branches in a graph of two streams",
}
HIDE_NONE = Sentence(
    "**{form}.** We detect no time that they hide at any batch size measured.", form="Branches in two threads"
)
HIDE_EVERYWHERE = Sentence(
    "**{form}.** They hide some of the shorter branch's time at every batch size measured.",
    form="Branches in two threads",
)
HIDE_SOMEWHERE = Sentence(
    "**{form}.** They hide some of the shorter branch's time at batch {batches} only.",
    form="Branches in two threads",
    batches="1, 4",
)
AS_TRAINED = Sentence(
    "**As trained in this run.** Time of {arm}, relative to {other}: {times}.",
    arm="parallel",
    other="sequential",
    times="1.05 times [1.03, 1.07] at batch 1 and 1 thread",
)
SMALL = Sentence(
    "**Very small models.** A call at batch {small} takes {call}, an example at batch {large} {example}. So up to "
    "{share} of the small call is calling, not arithmetic (large products also run better). Arranging the branches "
    "otherwise does not lower that share; fewer calls of layers do.",
    small="1",
    call="55 µs",
    large="100",
    example="5.5 µs",
    share="90%",
)
WIDE = Sentence(
    "**Wide concatenation.** Joining the branches, with the head behind, takes {shares} of the time of all parts.",
    shares="9% at batch 1 and 9% at batch 100",
)

# measuring

OFFER = Sentence(
    "Nothing was timed in this run on this machine yet. Measuring times every part of both towers, every way to run "
    "them, and the search behind them. It takes about four minutes on two quiet cores and longer on busy ones; while "
    "something trains here it waits."
)
ELSEWHERE = "This machine can be measured, too: about four minutes, and while something trains here it waits."
EVERYTHING = "Everything, at its default settings: about four minutes."
COMPILED = "Everything, compiled forms too: about eight minutes. It needs a C++ compiler on this machine."
LONGER = Sentence(
    "Everything, {seconds:g} s for every cell instead of {before:g}: intervals get narrower, in about twice the time.",
    seconds=1.0,
    before=0.5,
)
GONE = "The tables of this measurement are gone or damaged. Reload the page."
TO_SHOWCASE = "See the showcase's measurement, which is here already"
OTHER_MACHINE = Sentence(
    "Measured on another machine: {there}. This one is: {here}. The answer may differ here.",
    there="Other CPU, 64 cores",
    here="x86_64, 2 cores",
)
MEASUREMENT = "Measurement"
NO_TABLES = "gone"
MEASURED_AT = Sentence("{machine}, {when}", machine="x86_64, 2 cores", when="26 Nov 2026 18:30")
GPU_IN = Sentence("{gpu} ({machine})", gpu="NVIDIA H100", machine="x86_64, 16 cores")
AT_CLOCK_RATE = Sentence("{machine} at {rate} GHz", machine="x86_64, 2 cores", rate="2.5")
WITH_COMPILED = Sentence("{measurement}, with compiled forms", measurement="x86_64, 2 cores, 26 Nov 2026 18:30")
CLOCKS = {
    "time.perf_counter_ns": Sentence("the processor's clock"),
    "CUDA events": Sentence("the GPU's clock (CUDA events)"),
}
TIMED_ON = Sentence(
    "Timed on {machine}, {when}, by {clock}, torch {torch}. Meanwhile, other programs used {others} of the cores.",
    machine="x86_64, 2 cores at 2.5 GHz",
    when="26 Nov 2026 18:30",
    clock="the processor's clock",
    torch="2.13.0",
    others="3%",
)
TIMED_AGAIN = Sentence("{cells} measured anew because a training began.", cells="2 cells")
BUSY = Sentence(
    "Other programs kept {share} of this machine's cores busy while it was measured, so times are longer and intervals "
    "wider. No form is favoured, as all are timed in turns. Measure again, below, when the machine is quiet.",
    share="30%",
)
AGAIN = "Measure again"
AGAIN_CAPTION = Sentence(
    "What you see stays until the new measurement is there. Then you can choose between them above."
)

# the controls

TOWER = "Tower"
TOWER_HELP = glossary.TOWER
THREADS = "Threads per operation"
THREADS_HELP = (
    "Threads that one operation may use. “A thread per branch” is another thing: both branches run at the same time."
)
BATCH = "Batch size"
BATCH_HELP = glossary.BATCH_SIZE

# one cell

PARTS = {"cross": "cross", "deep": "deep", "join": "join", "head": "head"}
PARTS_ROW = "parts, one by one:<br>cross, deep, join, head"
PART_HOVER = Sentence("{part} alone: {time}<extra></extra>", part="cross", time="54 µs")
WHOLE_HOVER = Sentence(
    "{form}<br>p50 {p50}, p95 {p95}<br>{calls}<extra></extra>",
    form="side by side, plain code",
    p50="54 µs",
    p95="60 µs",
    calls="400 repeats",
)
WHOLE_HOVER_P50 = Sentence(
    "{form}<br>p50 {p50}<br>{calls}<extra></extra>", form="side by side, plain code", p50="54 µs", calls="10 repeats"
)
ENDS = {"p50": Sentence("p50 {time}", time="54 µs"), "p95": Sentence("p95 {time}", time="60 µs")}
GOES_ON = Sentence("{end} →", end="p95 60 µs")
LINES = {"max": Sentence("max {time}", time="48 µs"), "sum": Sentence("sum {time}", time="60 µs")}
PARTS_AXIS = Sentence("one call, p50 ({unit})", unit="µs")
PARTS_CAPTION = Sentence("A bar that ends at “max” hides the shorter branch; at “sum”, nothing of it.")
COMPILED_ALONE = Sentence(
    "Compiled forms are compared with each other: side by side takes {times} the time of one after the other.",
    times="0.96 times [0.91, 1.01] (no detectable difference)",
)
PARTS_MEASURED = (
    Sentence(
        "The claim is: side by side, a tower takes the longer branch's time, not the sum of both. The top row times "
        "each part of the side by side tower alone, laid end to end. Below are whole towers of the same blocks."
    ),
    "Bars end at the median of all calls, whiskers at the slowest of 20 (p95). An arrow goes on.",
    Sentence("**It does not show** the time to look embeddings up. That comes before and is the same for all."),
)
ENCODED = Sentence(
    "Here the Transformer and its projection read the actions before that. Looking up and reading take {time} a call, "
    "the same for all.",
    time="210 µs",
)
HIDDEN = "How much time does each form hide?"
NONE_HIDES = "We detect none that any form hides."
ONE_HIDES = Sentence("Most: {share}, {form}.", share="60%", form="side by side, a thread per branch")
NOTHING_HIDDEN, ALL_HIDDEN = "none", "all"
HIDDEN_AXIS = "of the shorter branch hidden"
HIDDEN_HOVER = Sentence(
    "{form}: {share} {interval}<extra></extra>",
    form="side by side, a thread per branch",
    share="60%",
    interval="[58%, 62%]",
)
HIDDEN_CAPTION = "100% hides the whole shorter branch; below 0%, the form itself costs time."
HIDDEN_MEASURED = (
    Sentence(
        "Hidden is (t one after the other − t form) / min(t cross, t deep), with its 95% interval. Marks are filled "
        "where the interval leaves zero out. An arrow lies beyond the axis."
    ),
    Sentence(
        "**It does not show** whether the two wirings find equally much. The best of several forms looks a little "
        "better than it is."
    ),
)
ARMS = Sentence("And the arms as they were trained?")
ARM_TAKES = Sentence(
    "{arm} takes {times} the time of {other}.", arm="Parallel", times="1.05 times [1.03, 1.07]", other="sequential"
)
ARMS_MEASURED = (
    Sentence(
        "This is each arm's own tower in plain code, with sizes matched as the run matched them: the median, and the "
        "slowest of 20 and of 100 calls. The ratio is to the baseline arm's median, with its 95% interval."
    ),
    "**It does not show** percentiles for which too few calls were timed (—).",
)
COLUMNS = {"arm": "arm", "ratio": "times the baseline", "calls": "calls"}

# batch sizes

BATCHES = "Does the batch size change the answer?"
SLOWER_AND_FASTER = Sentence(
    "In plain code, side by side is slower at {slower} of {count} sizes and faster at {faster}.",
    slower=5,
    count=7,
    faster=0,
)
TIME = "Time"
BY = {"ratio": "against one after the other", "call": "one call", "example": "one example"}
BATCH_AXIS = "batch size (log scale)"
TIME_AXES = {"call": "one call, p50", "example": "one example, p50"}
RATIO_AXIS = "times one after the other (log scale)"
LOG_SCALE = Sentence("{axis} (log scale)", axis="one call, p50")
RATIO_CAPTION = "Below the line at 1, a form saves time."
RATIO_MEASURED = (
    Sentence(
        "The lines are the median of each form over that of one after the other, both of the same kind (plain with "
        "plain, compiled with compiled). Whiskers are 95% intervals. The dotted upright is the batch size chosen above."
    ),
    "**It does not show** how long anything takes: choose one call.",
)
TIME_CAPTION = "Flat lines: calling the layers takes all the time. Rising lines: arithmetic does."
TIME_MEASURED = (
    "The lines are the median times of every form. The dotted upright is the batch size chosen above.",
    "**It does not show** small differences, which a log scale swallows: choose “against one after the other”.",
)
CELL = Sentence("{tower} tower, {threads} an operation.", tower="Query", threads="1 thread")
TIMES_CSV = "These times as CSV"

# the map of widths

REGION = "Where is it free?"
FREE_IN = Sentence("In {free} of {count} cases; in {little} it costs little.", free=4, count=30, little=6)
NO_REGION = "This measurement left the map of widths out."
COUNTED = Sentence(
    "Side by side costs no extra time in {free} of {count} cases, a little in {little}, and the full sum in {full}.",
    count=30,
    free=4,
    little=6,
    full=20,
)
COUNTED_SURELY = Sentence("The whole interval agrees in {free}, {little} and {full} cases.", free=1, little=5, full=20)
VERDICTS = {"free": "free", "costs little": "costs<br>little", "costs the sum": "costs<br>the sum"}
REGION_CELL = Sentence("{verdict}<br>{ratio}×", verdict="free", ratio="0.82")
REGION_CELL_UNSURE = Sentence("{verdict} ?<br>{ratio}×", verdict="costs<br>little", ratio="0.95")
REGION_HOVER = Sentence(
    "width {width}, batch {batch}: {ratio} times {interval}; {share} {share_interval} hidden",
    width="128",
    batch="64",
    ratio="0.82",
    interval="[0.80, 0.84]",
    share="85%",
    share_interval="[82%, 88%]",
)
REGION_AXES = {"batch": "batch size", "width": "width of x0"}
REGION_MEASURED = Sentence(
    "These are made-up towers with the run's settings and {threads} an operation, one cell for each width of x0 and "
    "batch size. The darker a cell, the more it costs. Below each verdict is the time relative to one after the other.",
    threads="1 thread",
)
REGION_CLASSES = Sentence(
    "Free: the form that hides most hides at least {free} of the shorter branch's time. Costs little: at least "
    "{little}. Costs the sum: less than that. A question mark: the 95% interval reaches into another class.",
    free="80%",
    little="20%",
)
REGION_FORM = Sentence("“{form}” {cells}", form="side by side, a thread per branch", cells=4)
REGION_FORMS = Sentence("The form that hides most, by cells: {forms}.", forms="“side by side, a thread per branch” 4")
REGION_LIMITS = Sentence(
    "**It does not show** another shape of the deep network. With this many cells, a few look better than they are."
)

# speed against recall

PARETO = Sentence("What does speed cost in recall?")
FASTEST_AND_BEST = Sentence(
    "{arm} is fastest ({time}, {recall}), {best_arm} finds most ({best_time}, {best_recall}).",
    arm="Sequential",
    time="100 µs",
    recall="40.1%",
    best_arm="parallel",
    best_time="106 µs",
    best_recall="43.3%",
)
FASTEST_IS_BEST = Sentence(
    "{arm} is fastest and finds most ({time}, {recall}).", arm="Parallel", time="100 µs", recall="43.3%"
)
NO_PARETO = Sentence("This measurement has no arm of a run at these dials.")
FRONT = Sentence(
    "Nothing measured is both faster and better than {points}.", points="parallel (54 µs, 61.2%, showcase)"
)
FRONT_POINT = Sentence("{arm} ({time}, {recall})", arm="parallel", time="54 µs", recall="61.2%")
FRONT_POINT_OF = Sentence(
    "{arm} ({time}, {recall}, run {run})", arm="parallel", time="54 µs", recall="61.2%", run="20261126-101010-abcd"
)
FRONT_POINT_OF_SHOWCASE = Sentence("{arm} ({time}, {recall}, showcase)", arm="parallel", time="54 µs", recall="61.2%")
OR = " or "
SHOWCASE_LABEL = Sentence("the showcase run: {settings}", settings="all settings at their defaults")
RUN_LABEL = Sentence("run {run}: {settings}", run="20261126-101010-abcd", settings="epochs: 5")
RUN_CHOICE = Sentence("{run} · {settings}", run="20261126-101010-abcd", settings="epochs: 5")
FRONT_LINE = "front: nothing is both faster and better"
SEEDS_OF = Sentence("{arm}, seeds", arm="parallel")
PARETO_AXIS = "one call of the query tower, p50"
RECALL_AXIS = Sentence("recall@{k} (%)", k=100)
PARETO_HOVER = Sentence(
    "{run}<br>{arm}: {time} µs, recall@{k} {recall}%<extra></extra>",
    run="the showcase run: all settings at their defaults",
    arm="parallel",
    time="54",
    k=100,
    recall="61.2",
)
PARETO_CAPTION = "Left is faster, up is better."
PARETO_MEASURED = Sentence(
    "Each mark is the query tower of an arm as trained, at batch {batch} and {threads}, against its recall@{k}, mean "
    "over seeds. {runs} on the same data. The step line joins what nothing beats in both. Filled marks are of "
    "this run, thin marks the seeds.",
    batch="64",
    threads="1 thread",
    k=100,
    runs="2 runs",
)
PARETO_LIMITS = Sentence(
    "**It does not show** whether a step is more than luck. Where thin marks of two arms overlap, their order may turn "
    "with other seeds. A few percent of time may be noise."
)
NOT_TIMED = Sentence(
    "Not on the figure yet, since its towers were not timed on this machine. That takes about a minute; while "
    "something trains it waits."
)
NOT_TIMED_LABEL = Sentence("{runs} on the same data, not timed yet", runs="2 runs")

# end to end

END_TO_END = "End to end: does an approximate index pay?"
PAYS = Sentence("Yes, with {items} items.", items="100,000")
PAYS_NOT = Sentence("Not with {items} items.", items="2,159")
PAYS_AT = Sentence("Yes with {items} items, not with {other}.", items="100,000", other="2,159")
NO_INDEX = "Only exact search was measured."
NO_SEARCH = "This measurement left the search out."
ITEMS = "Items"
ITEMS_HELP = f"{glossary.ITEM} Choose the run's own catalogue, or one filled up with made-up items."
INDEXES = {"exact": "exact search", "hnsw": "HNSW", "ivf": "IVF", "ivf_disk": "IVF on disk"}
INDEX_SETTING = Sentence("{index} ({setting})", index="HNSW", setting="efSearch 64")
LOST = Sentence("{points} points of recall@{k}", points="−0.50", k=100)
EXACT_ONLY = Sentence(
    "**{arm}**: exact search answers in {exact}. No approximate index was measured.", arm="Parallel", exact="400 µs"
)
ALL_LOSE = Sentence(
    "**{arm}**: exact search answers in {exact}. Every approximate setting measured loses more than a point; "
    "{setting} loses the least ({lost}).",
    arm="Parallel",
    exact="400 µs",
    setting="HNSW (ef 16)",
    lost="−1.20 points of recall@100",
)
INDEX_WINS = Sentence(
    "**{arm}**: exact search answers in {exact}. {setting} takes {other}: {times} times as fast, at {lost}.",
    arm="Parallel",
    exact="400 µs",
    setting="HNSW (ef 64)",
    other="200 µs",
    times="2.0",
    lost="−0.50 points of recall@100",
)
EXACT_WINS = Sentence(
    "**{arm}**: exact search simply wins with {exact}. The fastest approximate setting that loses at most a point, "
    "{setting}, takes {other}.",
    arm="Parallel",
    exact="400 µs",
    setting="HNSW (ef 64)",
    other="600 µs",
)
LITTLE_TO_SKIP = Sentence(" With {items} items there is little to skip.", items="2,726")
INDEX_ALIKE = Sentence(
    "**{arm}**: exact search ({exact}) and {setting} ({other}, {lost}) are about alike, so exact search is simpler.",
    arm="Parallel",
    exact="400 µs",
    setting="HNSW (ef 64)",
    other="390 µs",
    lost="−0.50 points of recall@100",
)
SHARE = Sentence(
    "By the medians the query tower is {share} of an exact call, so no wiring can save more than that.", share="25%"
)
SHARE_RANGE = Sentence("{low} to {high}", low="25%", high="50%")
INDEX_OF = Sentence("{arm}, {index}", arm="parallel", index="HNSW")
SERVING_HOVER = Sentence(
    "{arm}, {index} {setting}<br>{time} µs: {tower} tower, {search} search<br>{lost} points of recall; {share} of the "
    "exact list<extra></extra>",
    arm="parallel",
    index="HNSW",
    setting="efSearch 64",
    time="200",
    tower="54",
    search="146",
    lost="−0.50",
    share="98.0%",
)
SERVING_AXIS = "one call, query tower and search, p50"
LOST_AXIS = "recall against exact (points)"
SERVING_CAPTION = "Up and left is better."
SERVING_MEASURED = Sentence(
    "{items} items, top {k}, {cell}. From left to right: the median of a whole call, from x0 to the list. From bottom "
    "to top: recall@{k} minus that of exact search, on up to {events} test events.",
    items="2,726",
    k=100,
    cell="batch 64, 1 thread",
    events="2,048",
)
SERVING_FILLED = "The catalogue is filled up with made-up items."
SERVING_ON_DISK = (
    "IVF on disk finds what IVF finds, from lists in a file, so that the catalogue may be larger than memory. Here the "
    "file was read before; the first call after a start takes longer."
)
SERVING_MARKS = Sentence(
    "A line joins the settings of one index. An open arrow loses more than {points} points. The tower is timed in "
    "turns with the search, so it can take longer than the tower alone.",
    points=5,
)
SERVING_LIMITS = "**It does not show** a search engine of many machines, or updates of the index."
AT_BATCH_AND_THREADS = Sentence("batch {batch}, {threads}", batch="64", threads="1 thread")
NEAREST = Sentence("{cell} (the nearest to your choice that was measured)", cell="batch 64, 1 thread")
EVERY_SETTING = "Every setting"
SETTING_COLUMNS = {
    "arm": "arm",
    "index": "index",
    "setting": "setting",
    "encode": "tower p50",
    "search": "search p50",
    "p50": "whole p50",
    "p95": "whole p95",
    "recall": "recall",
    "lost": "against exact, points",
    "found": "of the exact list",
    "built": "built in",
}

# the end

WHEN_NOT = "When not to run side by side, and every number"
LEFT_OUT = Sentence("{form}: {why}", form="fused", why="this machine has one core")
NOT_MEASURED = Sentence("Not measured here: {why}.", why="compiled forms: no compiler was found")
EVERY_TIME, EVERY_RATIO = "Every time as CSV", "Every ratio and interval as CSV"

# what is said where times can't be measured

NOT_BATCHES = Sentence(
    "{key}: expected whole numbers from 1 to {most}, such as 1,64, got {value}", key="batches", most=65_536, value="'a'"
)
NOT_NUMBERS = Sentence(
    "{key}: expected whole numbers from 1 to {most}, separated by commas, got {value}",
    key="threads",
    most=8,
    value="'all'",
)
NOT_THIS_MACHINE = Sentence(
    "machine: expected this one, {here}, got {machine}", here="x86_64, 2 cores", machine="x86_64, 64 cores"
)
NO_CLOCK = Sentence("device: expected auto, cpu or cuda, whose clocks are known here, got mps")

# candidates of a ranking model

OFFER_CANDIDATES = (
    "Nobody has timed these networks here yet: the candidates of one request, against dot products with stored "
    "vectors. It takes some seconds."
)
CANDIDATES = "Candidates"
CANDIDATES_HELP = Sentence(
    "How many items a request asks the network about. Two towers have usually found them before."
)
CANDIDATE_OF = Sentence(
    "{time} µs in {arm} ({times} times the {product} µs of two towers)",
    time="3.1",
    arm="parallel",
    times="150",
    product="0.02",
)
CANDIDATE_COSTS = Sentence(
    "Of {candidates} candidates of a request, each takes {arms}.",
    candidates="1,000",
    arms="3.1 µs in parallel (150 times the 0.02 µs of two towers)",
)
CANDIDATES_CAPTION = Sentence(
    "A point is the median over rounds, and nine of ten rounds lie within its bar. The query tower is shared by all "
    "candidates of a request, so that each costs less where there are many."
)
CANDIDATES_MEASURED = (
    Sentence(
        "Two towers of the same blocks encode the query and multiply it with stored vectors. One network reads every "
        "candidate with the query. Its fields of the query are looked up once for all of them, or once for each."
    ),
    Sentence(
        "Weights are untrained, as they change no time. All ways take turns on one thread. **It does not show** what a "
        "server adds, such as the transport of the candidates' fields."
    ),
)
CANDIDATES_TIMED = Sentence(
    "Timed on {machine} ({device}) with PyTorch {torch}.", machine="AMD EPYC, 2 cores", device="cpu", torch="2.13.0"
)
WAY_OF_ARM = Sentence("{arm}: {way}", arm="parallel", way="query tower and dot products")
CANDIDATE_HOVER = Sentence(
    "{time} µs each of {candidates} candidates<extra>{name}</extra>",
    time="3.1",
    candidates="1,000",
    name="parallel: query tower and dot products",
)
CANDIDATES_AXIS = Sentence("candidates of a request")
EACH_AXIS = Sentence("time of each candidate")
ARM_COLUMN, WAY_COLUMN = "arm", "way"
REQUEST_COLUMN, EACH_COLUMN = "µs a request", "µs a candidate"
TIMES_COLUMN = "times two towers"
