"""Every sentence that several pages say: which run is shown, whose it is, how far an analysis is."""

from pdcn.words import Sentence

# the run that a page shows

SHOWING = Sentence(
    "Showing {run} · data: {data} · {seeds} · {settings}",
    run="run 20261126-101010-abcd, 26 Nov 2026 10:10",
    data="planted crosses",
    seeds="seeds 0 to 2",
    settings="epochs: 5; all other settings at their defaults",
)
SHOWCASE = Sentence("the showcase run that comes with the project")
RUN = Sentence("run {name}, {when}", name="20261126-101010-abcd", when="26 Nov 2026 10:10")
RUN_NAMED = Sentence(
    "**{own}** (run {name}, {when})", own="wide towers", name="20261126-101010-abcd", when="26 Nov 2026 10:10"
)
NONE_TRAINED = Sentence("{seeds} asked for, none trained", seeds="3 seeds")
SEED = Sentence("seed {number}", number=0)
SEEDS = Sentence("seeds {numbers}", numbers="0, 1, 4")
FIRST_TO_LAST = Sentence("{first} to {last}", first=0, last=2)
OF_ASKED = Sentence("{seeds}, of {asked} asked for", seeds="seed 0", asked=2)
SETTING = Sentence("{label}: {value}", label="arms", value="parallel and deep only")
SETTING_OF_ITEM = Sentence("{label} of the item tower: {value}", label="deep widths", value="64, 64")
OTHERS_AT_DEFAULTS = Sentence("all other settings at their defaults")
ALL_AT_DEFAULTS = Sentence("all settings at their defaults")
NOT_HERE = Sentence("The run {run} is not on this computer. The page shows another one.", run="`20261126-101010-abcd`")
DAMAGED = Sentence(
    "The run {run} is on this computer, but its experiment.json can't be read. Put the file back into {folder}, or "
    "remove that folder. The page shows another run.",
    run="20261126-101010-abcd",
    folder="`runs/20261126-101010-abcd`",
)

PRESENT = Sentence("Present")
PRESENT_HELP = Sentence("Six slides for a room: the question, two lists, the verdict, why, the cost, the decision.")

# whose it is

ELSEWHERE = Sentence("in another session: by another visitor, or by you before this page was loaded again")
ON_COMMAND_LINE = Sentence("on the command line")
BY_SOMEBODY = Sentence("by somebody unknown")
JUST_NOW = Sentence("just now")
AGO = Sentence("{time} ago", time="2 hours")
STARTED = Sentence(
    "Run {run} was started {where}, {when}.", run="20261126-101010-abcd", where="on the command line", when="just now"
)
ALL_THE_SAME = Sentence("{act} all the same", act="Stop")

# links

UNKNOWN = Sentence(
    "No page knows these parts of the link, so they are not used: {names}. Compare it with the link on the Compare "
    "page under “Take it with you”.",
    names="`epoch`",
)

MISREAD = Sentence(
    "In the link, {key}: expected {expected}, got {got}; {used} is used.",
    key="lat_batch",
    expected="one of 1, 4, 16",
    got="`many`",
    used="1",
)
A_NUMBER = Sentence("a number from {low:,} to {high:,}", low=1, high=17_718)
A_WHOLE_NUMBER = Sentence("a whole number from {low:,} to {high:,}", low=1, high=17_718)
ON_OR_OFF = Sentence("true or false")
SOME_OF = Sentence("some of {known}", known="done, stopped")
NONE_OF_THEM = Sentence("none of them")
AMONG = Sentence("{known}, and {more} more", known="one of milk, bread", more=12)

NOT_HIDDEN = Sentence(
    "No setting and no control of a page has these names, so they hide nothing: {names}. Use the names that links "
    "write, such as `epochs` or `cross_layer`.",
    names="`epoch`",
)

# the door of an app that is shared with a login

LOGIN_TITLE = Sentence("PDCN Explorer")
LOGIN_SAID = Sentence("This laboratory is shared with some people only. Log in to see it.")
LOGIN = Sentence("Log in")
LOGGED_IN = Sentence("Logged in: {who}", who="ann@example.org")
LOGOUT = Sentence("Log out")
LOGIN_UNREADABLE = Sentence(
    "The file secrets.toml is there but can't be read, so nobody is let in. Whoever serves this app has to mend it."
)

# a link for a class

CLASS = Sentence("Give this to a class")
CLASS_HELP = Sentence(
    "One link opens this for everybody, with the same settings. It names no run, so each person trains their own."
)
CLASS_HELP_LESSON = Sentence(
    "One link opens this for everybody. It names no run, so each person trains their own: the steps that train open "
    "Compare with all their settings."
)
LINK_ONLY_HERE = Sentence(
    "Others can't open an address that begins with {host}, as it means their own computer. To share the app, see "
    "“Sharing it” in CONTRIBUTING.md. Then open it under the address that others use, and copy the link there.",
    host="`localhost`",
)
OF_ITEM_TOWER = Sentence("{label} of the item tower", label="Deep widths")
OF_SOURCE = Sentence("{label} ({source})", label="Events", source="planted")
CLASS_HIDE = Sentence("Hide these settings")
CLASS_HIDE_HELP = Sentence("What is hidden keeps the value that the link gives it.")

# pages that look inside a run

LOADING = "Loading the models, once: a few seconds."
STILL_TRAINING = Sentence(
    "This run is still training. You can look inside it when it has ended. Watch it on the Compare page, or look into "
    "another run."
)
LAST_DONE = Sentence("The last finished run, {run}", run="20261126-101010-abcd")
OPEN_SHOWCASE = Sentence("The showcase run that comes with the project")
WEIGHTS_GONE = Sentence(
    "The weights of this run are gone from {folder}, so there is nothing to look into. Put them back, train the run "
    "again, or open another one on the Runs page.",
    folder="`weights`",
)
NOTHING_TRAINED = Sentence(
    "This run ended before any arm was trained, so there is nothing to look into. Open another one on the Runs page, "
    "or press Run on the Compare page."
)
LEFT, RIGHT = Sentence("Left"), Sentence("Right")
FAILED = Sentence("This could not be computed: {why}", why="The machine ran out of memory.")
STOPPED = Sentence("This was stopped before it was done. Nothing else is lost.")
AGAIN, MEASURE = Sentence("Try again"), Sentence("Measure it")
NOT_KEPT = Sentence("This is not computed yet. {why}", why="The disk is full.")
PROGRESS = Sentence("{phase} · {share}", phase="Comparing arms and seeds", share="40%")
STOP = Sentence("Stop")
ASKED_BY = Sentence("This was asked for {where}.", where="on the command line")
DOES_NOT_SHOW = Sentence("{how} **It does not show** {what}", how="Bright: larger.", what="how it will be next year.")
AS_CSV = Sentence("These numbers as CSV")
AS_PARQUET = Sentence("Parquet")
PARQUET_HELP = Sentence("The same table as a Parquet file, with exact numbers and types.")
MEASURED = Sentence("How is this measured?")
WORDS_HERE = Sentence("Words on this page, each with a picture")
TERM_NAMES = {
    "x0": Sentence("x0"),
    "recall": Sentence("Recall@K"),
    "logq correction": Sentence("logQ correction"),
    "flops": Sentence("FLOPs"),
}
"""Terms that are not written as `capital` writes them."""

# the cost of each part of a tower

CLAIM = Sentence(
    "The claim: both branches run at once. The tower then takes as long as the longer branch, not as long as both."
)
NO_PLANS = Sentence("This run kept no plans of its towers.")
ARM, TOWER, PART, PARAMETERS, FLOPS = (Sentence(name) for name in ("arm", "tower", "part", "parameters", "FLOPs"))
LONGEST = Sentence("on the longest path")
LONGEST_HELP = Sentence(
    "The FLOPs that must wait for one another: the longer branch and what comes behind it. Where parts run one after "
    "the other, these are all."
)
PARAMETERS_HELP = Sentence("The learned numbers of this part; embedding tables are left out.")
COST_HOW = Sentence("Parameters and FLOPs of one example, part by part.")
COST_NOT_SHOWN = Sentence(
    "time. FLOPs are not milliseconds. Side by side saves time only where the hardware has room for both branches."
)
JOIN_AND_HEAD, HEAD = Sentence("join and head"), Sentence("head")
WHOLE = Sentence("all but embeddings")
KINDS = {"cross": Sentence("crosses"), "deep": Sentence("deep"), "expert": Sentence("expert")}
SEQUENCE = Sentence("actions, encoded and projected")
THEN = Sentence("{first} then {next}", first="crosses", next="deep")

# figures

FIELDS = Sentence("{count} category fields", count=24)
ACTIONS = Sentence("{count} actions", count=20)
BLOCK_COST = Sentence("{parameters} parameters<br>{flops} FLOPs per example", parameters="33,856", flops="67,712")
TOWER_TITLE = Sentence("{tower} · {total} dense parameters", tower="parallel, query tower", total="82,825")
K_AXIS = Sentence("K, items returned (log scale)")
AT_K = Sentence("{metric}@K (%)", metric="recall")
ONE_SEED = Sentence("{arm}, seed {seed}", arm="parallel", seed=1)
DIFFERENCE = Sentence("difference")
IN_POINTS = Sentence("{name} (points)", name="difference")
FOREST_HOVER = Sentence(
    "{label}: {value}{unit} [{low}, {high}], p = {p}, all rows counted<extra></extra>",
    label="parallel",
    value="+0.88",
    unit=" points",
    low="+0.38",
    high="+1.39",
    p="0.010",
)
UNIT_POINTS = Sentence(" points")
ALL_STEPS = Sentence("in all: parallel minus sequential")
STEP_HOVER = Sentence(
    "{step}: {points} points {interval}<extra></extra>",
    step="a skip round the MLP",
    points="+2.99",
    interval="[+2.10, +3.80]",
)
ALL_STEPS_HOVER = Sentence(
    "{step}: {points} points<extra></extra>", step="in all: parallel minus sequential", points="+0.88"
)
RECALL_POINTS = Sentence("recall (points)")

# what is taken to work

TAKE = Sentence("Take it with you")
TAKE_LEAD = Sentence("Each button makes one zip file when you press it.")
TAKE_WORKED_OUT = Sentence("Tables also hold what the pages that look inside have worked out so far.")
TAKE_REST = Sentence(
    "The command line takes another arm or seed with --arm and --seed. It also writes for {trackers}:",
    trackers="mlflow, wandb-offline and tensorboard",
)
NOT_TAKEN = Sentence("These files could not be made. {why}", why="The disk is full; make room in `runs`.")
