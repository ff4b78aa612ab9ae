"""Every sentence of the Compare page, apart from the verdict, which is in `pdcn.evaluation.words`."""

from pdcn import glossary
from pdcn.words import Sentence

TITLE = Sentence("Side by side, or one after the other?")

ENDED_EARLY = {
    "stopped": Sentence("Stopped early: only finished seeds count. If none finished, the partial one is shown."),
    "interrupted": Sentence("Interrupted: only the seeds that finished before are shown."),
    "failed": Sentence("This run failed: only the seeds that finished before are shown."),
}
ENDED_WITHOUT = {
    "stopped": Sentence("Stopped before a seed had finished."),
    "interrupted": Sentence("Interrupted before a seed had finished."),
    "failed": Sentence("This run failed before a seed had finished."),
}
UNREADABLE = Sentence("Here is how the training went. Its results can't be read:")
REACHED = Sentence("This is what the run had reached when it ended:")
NO_POINT = Sentence("It ended before its first point. Press Run on the left to train it again.")
DIVERGED = Sentence("{arm}, seed {seed}: {reason}.", arm="Parallel", seed=1, reason="the loss became infinite")

EACH_SEED = Sentence("Each seed")
EACH_SEED_HELP = Sentence("Draw a curve for every seed.")
CURVES = Sentence("How often the chosen item is among the first K.")
CURVES_BANDS = Sentence("Bands run from the lowest to the highest seed.")
CURVES_BASELINES = Sentence("Of further baselines the strongest is drawn; press a faint name to draw another.")
CURVES_ARE = Sentence(
    "Every item of the catalogue is ranked. Lines are means over users and seeds; bands run from the lowest to the "
    "highest seed."
)
ABOVE_EVERYWHERE = Sentence(
    "The curve of {arm} is above that of {other} at every K.", arm="parallel", other="sequential"
)
ABOVE_NEVER_BELOW = Sentence(
    "The curve of {arm} is above that of {other} at {count} of {every} K, and never below.",
    arm="parallel",
    other="sequential",
    count=24,
    every=27,
)
ABOVE_AT = Sentence(
    "The curves cross: that of {arm} is above that of {other} at {count} of {every} K.",
    arm="parallel",
    other="sequential",
    count=19,
    every=27,
)
BELOW_EVERYWHERE = Sentence("The curve of {arm} is never above that of {other}.", arm="parallel", other="popularity")
HIGHEST_EVERYWHERE = Sentence("Of the {arms} arms, {arm} has the highest curve at every K.", arm="parallel", arms=4)
HIGHEST_AT = Sentence(
    "The curves cross: of the {arms} arms, {arm} is the highest most often, at {count} of {every} K.",
    arm="parallel",
    arms=4,
    count=19,
    every=27,
)
CURVES_ALIKE = Sentence("The curves lie on each other.")
WHY_BELOW = Sentence("Why below?")
EACH_ARM = Sentence("Each arm in words")
NUMBER_HELP = Sentence("Mean over the test users and {seeds}.", seeds="3 seeds")
WHY = Sentence("Look inside")
OF_TWO_TOWERS = ("embeddings", "retrieve")
"""Pages that have nothing to show of a model with one network."""
PAGES = {
    "crosses": Sentence("What the crosses learned"),
    "embeddings": Sentence("Where the towers put things"),
    "inside": Sentence("What each stage keeps"),
    "retrieve": Sentence("One query, two lists"),
}

LEVELS = Sentence(
    "Large marks are means over seeds, small ones single trainings. Grey marks are baselines. More is better in AUC, "
    "less in log loss."
)
PUBLISHED = Sentence("What others published")
PAPER, THEIR_DATA, STACKED, PARALLEL = "paper", "their data", "one after the other", "side by side"
THEIR_DIFFERENCE, THIS_RUN = "AUC, points", "this run"
PUBLISHED_CAPTION = Sentence(
    "AUC of ranking models as the papers state it, in single figures without an interval. Nothing says that their arms "
    "match in size. Data and settings are others, so they are here for how large such differences are."
)
CALIBRATED = Sentence("Are the chances right?")
CALIBRATION = Sentence(
    "Each mark is a tenth of the test events, from the least likely to the likeliest. On the line, as much was chosen "
    "as was predicted; below it, the model promised too much."
)
CALIBRATION_OF = Sentence(
    "{arm}: predicted chances are off by {error} points on average, and their mean is {ratio} times what was chosen. "
    "No test rests on this.",
    arm="Parallel",
    error="0.80",
    ratio="1.03",
)
PREDICTED_AXIS = "Predicted chance (%)"
HAPPENED_AXIS = "Chosen (%)"
CALIBRATION_HOVER = Sentence("{predicted} predicted, {happened} chosen", predicted="12.0%", happened="11.4%")
ESTIMAND = Sentence(
    "This is about the average user and training run; each user counts once. {metric} is averaged over a user's events "
    "first. {about} One more training can fall outside of the interval.",
    metric="Recall",
    about="It is about this one training set; another year may differ by more.",
)
HEADLINE = Sentence("The verdict is about K = {k}, chosen in advance; the figure has the other K.", k=100)
CURVES_DO_NOT_SHOW = Sentence("Recall says nothing about the order within the first K; MRR and NDCG in the table do.")
ABOUT_DATA = Sentence("{data}: {note}", data="The Complete Journey", note="Grocery purchases of one year.")

TRAINING = Sentence("How the training went")
BEST_ON_VALIDATION = Sentence(
    "Validation was best {parts}.", parts="at steps 900 to 1,200 for parallel and at step 400 for sequential"
)
BEST_AT_STEPS = Sentence("at steps {first} to {last} for {arm}", first="900", last="1,200", arm="parallel")
BEST_AT_STEP = Sentence("at step {step} for {arm}", step="400", arm="sequential")
TRAINING_CAPTION = Sentence(
    "Validation {metric} of each arm: thin lines are seeds, the thick line their mean. A mark shows where a seed's "
    "weights were kept; the test events judged those.",
    metric="recall@100",
)

DIFFERENCE_FOUND = Sentence(
    "{arm} minus {against} is largest at K = {k}: {points} points, 95% interval {interval}.",
    arm="Parallel",
    against="sequential",
    k="100",
    points="+0.88",
    interval="[+0.38, +1.39]",
)
DIFFERENCE_FOUND_ONE_SEED = Sentence(
    "{arm} minus {against} is largest at K = {k}: {points} points, from one seed.",
    arm="Parallel",
    against="sequential",
    k="100",
    points="+0.88",
)
DIFFERENCE = Sentence("For the same users and seeds. Where the band holds zero, that K shows no difference.")
DIFFERENCE_ONE_SEED = Sentence("For the same users and one seed. There is no interval: another seed may say otherwise.")
HELD_AGAINST = Sentence("Compared with")
HELD_AGAINST_HELP = Sentence("Every other arm minus this one. Sizes stay matched to the run's own baseline.")
FOREST = Sentence(
    "{metric} of every arm minus {against}, with 95% intervals. Filled: significant with all arms counted.",
    metric="Recall@100",
    against="sequential",
)
DIFFERENCE_COLUMNS = {
    "arm": "arm",
    "metric": "metric",
    "verdict": "verdict",
    "points": "points",
    "plain": "difference",
    "interval": "95% interval",
    "percent": "percent",
    "chance": "p, all counted",
    "against": "against",
}
EVERY_DIFFERENCE = Sentence("Every difference, with its interval")
EVERY_DIFFERENCE_CAPTION = Sentence(
    "{seeds}, {users} test users, {events} test events. Percent is of the baseline's value. {counting} Each interval "
    "is about its own row alone.",
    seeds="3 seeds",
    users="389",
    events="17,718",
    counting="p-values are two-sided.",
)
COUNTED_BEFORE = Sentence("p-values are two-sided, adjusted (Holm) over the arms and K of a metric.")
COUNTED = Sentence(
    "p-values are two-sided. {metric} is the one test stated in advance, counted over the arms (Holm). The other "
    "metrics follow in order. Each is tested only if all arms differ in every metric before it.",
    metric="Recall@100",
)

BY_PART = Sentence("By outcome, surface and advertiser")
PART_KIND = Sentence("Parts")
PARTS = {
    "outcomes": Sentence("by outcome"),
    "surfaces": Sentence("by surface"),
    "advertisers": Sentence("by advertiser"),
}
PARTS_ARM = Sentence("Differences of")
PART = Sentence("{part} ({events} events)", part="conversion", events="1,204")
PARTS_CAPTION = Sentence("Filled: significantly different from zero. Each part is tested by itself.")
PART_LEVELS = Sentence("Levels of every part")
PART_HELP = {
    "outcomes": Sentence("The same models, judged by other outcomes. The verdict above is about one of them."),
    "surfaces": Sentence("Only the events that the verdict is about, by where the item was shown."),
    "advertisers": Sentence(
        "The head is the advertisers with half of all conversions in training, the tail all others. Only the events "
        "that the verdict is about are counted."
    ),
}

SLICES = Sentence("Where does it come from?")
SLICES_OF = Sentence("Slices of")
KIND = Sentence("Kind of slice")
IN_WORDS = Sentence("The largest differences in words")
SLICES_AXIS = Sentence("{metric},<br>{arm} minus {against}", metric="recall@100", arm="parallel", against="sequential")
SLICE = Sentence("{part} ({share})", part="Hour: 16 h", share="12%")
SLICE_OF_FIELD = Sentence("{field}: {value}", field="Hour", value="16 h")
SLICES_CAPTION = Sentence("Filled: significant even after testing all {slices} slices of this kind.", slices=4)
SLICES_CAPTION_ONE = Sentence("Filled: significantly different from zero.")
SLICES_PART = Sentence("Only the {shown} largest of {slices} are drawn.", shown=12, slices=40)
SLICES_LEFT_OUT = Sentence(
    "Each slice is a part of the test events. Slices of fewer than {events} events or {users} users are left out. "
    "Slices overlap, and none says why. With few seeds, only large effects are significant.",
    events=200,
    users=30,
)
SLICES_CSV = Sentence("All slices as CSV")

TOWERS = Sentence("The towers")
SIDE = Sentence("Side")
TOWER = {
    "query": Sentence("query tower"),
    "item": Sentence("item tower"),
    "joint": Sentence("query and item in one network"),
}
TOWER_OF = Sentence("{arm}, {tower}", arm="parallel", tower="query tower")
TOWERS_HELP = Sentence("Widths, parameters and FLOPs as they were trained. The embedded fields form x0.")
CONTROL = Sentence(
    "A control. {rules_out}", rules_out="If it does as well as parallel, the crosses are not the reason."
)
WHOLE = Sentence("As a whole, a model has {sizes} dense parameters.", sizes="82,868 (parallel) and 82,825 (sequential)")
SIZE_OF = Sentence("{size} ({arm})", size="82,868", arm="parallel")
TOWERS_CAPTION = Sentence("Read from the bottom. Side by side makes the head wider; matching evens out the sizes.")

MATCHED_TO = Sentence(
    "Matched to {to}: {value} {unit}, within {tolerance}. Remaining differences: {left}.",
    to="sequential",
    value="82,825",
    unit="dense parameters",
    tolerance="1%",
    left="parallel +0.1%",
)
MATCHED_TO_SIZE = {
    "smallest": Sentence("the smallest arm"),
    "largest": Sentence("the largest arm"),
    "middle": Sentence("the middle of all arms"),
}
LEFT = Sentence("{arm} {share}", arm="parallel", share="+0.1%")
COULD_NOT = Sentence("{share} (could not be met)", share="+4%")
UNIT = {
    "parameters": Sentence("dense parameters"),
    "flops": Sentence("FLOPs per example"),
    "train-time": Sentence("seconds per step"),
}
SAME_SETTINGS = Sentence(
    "{settings}, the same for every arm. Another arm might gain more from other settings; tuning each arm equally is "
    "one setting away.",
    settings="Default settings",
)
SETTINGS = Sentence("Settings: {settings}", settings="equally tuned, 12 trials an arm")
VALIDATION = Sentence("validation {metric}", metric="recall@100")
HIGHEST = Sentence("those with the highest {measure}", measure="validation recall@100")
LOWEST = Sentence("those with the lowest {measure}", measure="validation log loss")
TRIAL_COLUMNS = {"arm": "arm", "trial": "trial", "chosen": "chosen", "state": "state"}
TUNED_BEFORE = Sentence(
    "Every arm tried the same settings from seed {seed}, which the comparison does not use. It keeps {best}.",
    seed=1000,
    best="those with the highest validation recall@100",
)
TUNED = Sentence(
    "Every arm tried the same settings from seed {seed}, which the comparison does not use. The best few and trial 0 "
    "(solid) were trained again from seeds {seeds}. The arm keeps {best} in their mean.",
    seed=1000,
    seeds="1001, 1002 and 1003",
    best="those with the highest validation recall@100",
)
TOLD_APART = Sentence("Two trials must differ by {error} to be told apart (95%).", error="0.0123")
TRIAL_ZERO = Sentence("Trial 0 has the settings as they were chosen. The test events played no part.")
TUNING_LIVE = Sentence(
    "Every arm tries the same settings, from seeds that the comparison does not use. Solid: trained again from the "
    "seeds that decide. The larger mark is kept."
)

NUMBERS = Sentence("The numbers")
ABOUT_NUMBERS = Sentence(
    "{data}: {events} events ({train} train, {validation} validation, {test} test), {items} items, {users} test users; "
    "content {content}; {device}. Examples per second are of this machine, with all arms training at once.",
    data="The Complete Journey",
    events="194,300",
    train="167,810",
    validation="8,772",
    test="17,718",
    items="2,159",
    users="389",
    content="471e3ed98b",
    device="cpu (x86_64, 2 cores)",
)
MADE_ON = Sentence(
    "Made with torch {torch} on {processor} ({instructions}). There, the same settings and seeds give the same numbers "
    "to the last digit. Elsewhere sums are rounded differently and training amplifies that; the numbers then differ, "
    "though less than those of another seed.",
    torch="2.13.0",
    processor="Intel Xeon",
    instructions="AVX512",
)

SKIP_OFFER = Sentence(
    "Parallel also hands its input to the head past the MLP. Two controls show whether that alone explains it."
)
SKIP_BUTTON = Sentence("Was it the skip?")
SKIP_CAPTION = Sentence(
    "Each bar changes one thing and begins where the last one ended. Faint bars are not detectable (95% interval, all "
    "three steps counted)."
)

TRUST = Sentence("Can I trust this?")
TRUST_HOW = Sentence(
    "We tested the method on many small studies whose truth is known. In some, a wiring races against itself (A/A): "
    "every claim is a false alarm. In others, one arm loses a known share of its hits (A/B): that should be found."
)
TRUST_STUDIES = Sentence("**{data}**, {studies} studies", data="Planted crosses", studies=300)
FALSE_ALARMS = Sentence(
    "{seeds} seeds: {alarms} of the studies without a difference claimed one. A loss was found: {found}.",
    seeds=3,
    alarms="2.0% [0.0%, 7.0%]",
    found="1.0 points in 20%, 2.5 points in 50%",
)
FOUND = Sentence("{size} points in {rate}", size="1.0", rate="20%")
FOUND_PROMISED = Sentence("the reliably detected {size} points in {rate}", size="4.0", rate="81% [70.0%, 90.0%]")
BESIDE = Sentence(
    "The run above reliably detects {size} points with {seeds} seeds and {events} test events. The trial has other "
    "data and fewer test events, so its figure may differ. The promise is the same: what is called reliably "
    "detected is found in about four of five studies.",
    size="2.7",
    seeds=3,
    events="39,454",
)
TRUST_COLUMNS = {
    "study": "study",
    "seeds": "seeds",
    "claims": "claims",
    "interval": "95% interval",
    "any": "any K",
    "points": "mean points",
    "of": "of",
    "wrong": "wrong sign",
}
CLAIMS_OF = Sentence("{claims} of {studies}", claims=12, studies=300)
TRUST_CAPTION = Sentence(
    "Claims: studies whose verdict claimed a difference, with its exact binomial 95% interval. Any K: those that "
    "claimed one at any K. The 95% level promises at most 5% false alarms. The plain bootstrap resamples users and "
    "seeds alike. It is shown for comparison only: it breaks the promise where the luck of a few seeds outweighs that "
    "of many users."
)

CHANGED = Sentence("You changed settings. Press Run to train them.")
CHANGED_DATA = Sentence(
    "The run below is on {shown}, and the settings are for {chosen}. Press Run to train them.",
    shown="Complete Journey",
    chosen="planted crosses",
)
SET_BACK = Sentence("Set them to this run")
MORE = Sentence("More settings")
ITEM_TOWER = Sentence("Give the item tower its own blocks")
ITEM_TOWER_HELP = Sentence("Off: both towers have the same blocks.")
NOT_UNDERSTOOD = Sentence("The link was not understood in full:")
NOT_USED = Sentence("{key}: expected together with {needed}; it is not used", key="events", needed="data=planted")
USED_INSTEAD = Sentence(
    "{key}: expected {expected}, got {got}; {used} is used",
    key="epochs",
    expected="a whole number between 1 and 200",
    got="`-4`",
    used="2",
)
CHOOSE = "choose one"
NONE = Sentence("none")
DO_NOT_FIT = Sentence("These settings do not fit together. {why}", why="seeds: expected 2 or more.")
OF_ITEM_TOWER = Sentence("{label} (item tower)", label="Deep widths")
A_CONTROL = Sentence(
    "- **{arm}**: {what}. {rules_out}",
    arm="wide and deep",
    what="x0 beside deep, no crosses",
    rules_out="If it does as well as parallel, the crosses are not the reason.",
)
CONTROLS = Sentence("Controls show what an advantage is made of:")
QUICK = Sentence("Quick setting")
QUICK_HELP = Sentence("The smallest honest study, for a first look. The same as --quick on the command line.")
TAKE = Sentence("Take it with you")
TAKE_COMMAND = Sentence("The same on the command line")
TAKE_LINK = Sentence("A link that sets everything")
TAKE_JSON = Sentence("The experiment as JSON")
GROUPS = {
    "data": Sentence("Data"),
    "fairness": Sentence("Fairness"),
    "network": Sentence("Towers"),
    "training": Sentence("Training"),
    "outcomes": Sentence("Outcomes"),
    "": Sentence("Seeds and verdict"),
}

RUN = Sentence("Run")
SET_OFFER = Sentence("Set that")
UNTIL_SURE = Sentence("Run until sure")
UNTIL_SURE_HELP = Sentence(
    f"{glossary.UNTIL_SURE} It starts with {{few}} seeds and ends with {{most}} at the latest. {{needs}}",
    few=2,
    most=11,
    needs="At most about 8 min, usually much less, and 0.9 GB of memory on this machine.",
)
STEP_HELP = Sentence("Trains a few more steps and pauses again. Press Pause first.")
STOP_HELP = Sentence("Ends the run here. What was reached is ranked and kept.")
GO_ON = Sentence("Go on")
GO_ON_HELP = Sentence("Trainings that have ended count as they are. The others are trained where this run was begun.")
GO_ON_HERE = Sentence("Go on here")
GO_ON_HERE_HELP = Sentence("Trainings that have ended count as they are. The others are trained on this machine.")
FIRST_POINT = Sentence("The first point appears as soon as the data is ready, usually within five seconds.")
FIRST_POINT_TUNED = Sentence("The first point appears once every arm is tuned. Each trial is a whole training.")
LIVE_RECALL = Sentence(
    "Validation {metric} of each arm: thin lines are seeds, the thick line their mean. It is measured on a sample. The "
    "final answer comes from the test events.",
    metric="recall@100",
)
LIVE_LOSS = Sentence("Training loss by step. A lower loss does not always mean a higher recall.")

# figures

K_AXIS = Sentence("K, items returned (log scale)")
DIFFERENCE_AXIS = Sentence("difference (points)")
ALONE_AXIS = Sentence("{arm} minus<br>{against} (points)", arm="parallel", against="sequential")
MINUS = Sentence("{arm} − {against}", arm="parallel", against="sequential")
DIFFERENCE_HOVER = Sentence("{points} points [{low}, {high}]", points="+0.88", low="+0.38", high="+1.39")
OF_SEED = Sentence("{arm}, seed {seed}", arm="parallel", seed=1)
KEPT_OF = Sentence("{arm}, kept", arm="parallel")
KEPT_AT = Sentence("kept at step {step}: {value}", step="1,200", value="41.2%")
VALIDATION_AXIS_PERCENT = Sentence("validation {metric} (%)", metric="recall@100")
IN_PERCENT = Sentence("{metric} (%)", metric="AUC")
LOSS_AXIS = Sentence("loss (nats)")
STEP_AXIS = Sentence("training step")
TRIAL_AXIS = Sentence("trial (0: settings as they are)")
TRIAL_HOVER = Sentence("trial {trial}: {value}", trial=3, value="41.2%")
