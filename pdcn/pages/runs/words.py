"""Every sentence of the Runs page."""

from pdcn import glossary
from pdcn.words import Sentence

TITLE = Sentence("Runs")
NONE_YET = Sentence(
    "No runs of your own yet. The other pages show the run that comes with the project. Press Run on the Compare page "
    "to make one."
)
TO_COMPARE = Sentence("To the Compare page")
TO_SHOWCASE = Sentence("Show the run that comes with the project")
LEAD = Sentence("{found} of {all} runs, {size} on disk.", found=3, all=5, size="41.0 MB")
TICK = Sentence("Tick one run to open or delete it, or two to see them side by side.")
WHERE = Sentence("Where runs are kept")
WHERE_SAID = Sentence("Each run is a folder in {folder}.", folder="`runs`")

FILTER = Sentence("Filter")
FILTER_HINT = Sentence("a word of the data, the arms or the verdict")
STATE = Sentence("State")
ANY_STATE = Sentence("any state")
NOTHING_FITS = Sentence("No run fits the filter. Clear it to see all of them.")

SHOWN = Sentence("shown")
SHOWN_HELP = Sentence("The run that all pages show now.")
WHEN = Sentence("when")
DATA = Sentence("data")
ARMS = Sentence("arms")
ARMS_HELP = glossary.ARM
SEEDS = Sentence("seeds")
SEEDS_HELP = glossary.SEED
VERDICT = Sentence("verdict")
SIZE = Sentence("MB")
SIZE_HELP = Sentence("Disk space of the run.")
RUN = Sentence("run")
DAMAGED = Sentence("unknown: its result.json is damaged or gone")

OPEN = Sentence("Open")
DELETE = Sentence("Delete")
NOT_TWO = Sentence("One of the two has no result yet, so there is nothing to compare.")
SIDE = Sentence("**{run}** · {data}, {seeds}", run="20261126-101010-abcd", data="planted", seeds="3 seeds")
BOTH = Sentence(
    "Both figures have the same scale. Runs with other data or settings differ for many reasons. Only arms within a "
    "run can be compared fairly."
)
SETTING = Sentence("setting")
SAME = Sentence("The two have the same settings.")

SEEDS_OF = Sentence("{seeds} of {asked}", seeds=2, asked="3 seeds")
NO_RUNS = Sentence(
    "These entries in {folder} are not runs and are left alone. Put back what is missing, or move them elsewhere by "
    "hand.",
    folder="`runs`",
)
ENTRY = Sentence("entry")
WHY = Sentence("why")

BIN = Sentence("Bin ({count})", count=2)
BIN_ROW = Sentence("{run} · {data} · {arms}", run="20261126-101010-abcd", data="planted", arms="parallel, sequential")
UNDO = Sentence("Undo")
EMPTY = Sentence("Empty the bin")
EMPTY_SAID = Sentence("This deletes these runs and their files for good.")
FOR_GOOD = Sentence("Delete for good")
