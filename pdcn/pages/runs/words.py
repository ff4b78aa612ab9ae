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
TICK = Sentence(
    "Tick one run to open, name or delete it, or two to compare them. On a keyboard, arrow keys move and Shift with "
    "Space ticks."
)
WHERE = Sentence("Where runs are kept")
WHERE_SAID = Sentence("Each run is a folder in {folder}.", folder="`runs`")

FILTER = Sentence("Filter")
FILTER_HINT = Sentence("words of the name, notes, tags, arms or verdict")
DATA_CHOICE, MATCH_CHOICE, SORT = Sentence("Data"), Sentence("Match"), Sentence("Sort by")
ANY_DATA, ANY_MATCH = Sentence("any data"), Sentence("any match")
STATE = Sentence("State")
ANY_STATE = Sentence("any state")
NOTHING_FITS = Sentence("No run fits the filter. Clear it to see all of them.")

SHOWN = Sentence("shown")
SHOWN_HELP = Sentence("The run that all pages show now.")
WHEN = Sentence("when")
DATA = Sentence("data")
TASK = Sentence("task")
TASK_HELP = Sentence(
    "Retrieval: two towers find items in the whole catalogue. Ranking: one network says how likely each item is chosen."
)
MATCH = Sentence("match")
MATCH_HELP = Sentence("What was made equal between the arms.")
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
COMPARE = Sentence("Compare the two")

NAME, TAGS, NOTES = Sentence("Name"), Sentence("Tags"), Sentence("Notes")
NAME_HINT = Sentence("what you call this run")
TAGS_HINT = Sentence("with commas between them")
SAVE, SAVED = Sentence("Save"), Sentence("Saved.")
MEANWHILE = Sentence(
    "Somebody changed this meanwhile, so nothing was saved. It now says: {there}. Press Save again to replace it.",
    there="wide towers",
)
NOTHING_WRITTEN = Sentence("nothing")
NAMED = Sentence("**{name}** · {run}", name="wide towers", run="20261126-101010-abcd")

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

ROOM = Sentence("What takes room")
ROOM_LEAD = Sentence("{total} of the {limit} that may be kept here.", total="1.2 GB", limit="100.0 GB")
TAKES = Sentence("{size}: {kind}", size="41.0 MB", kind="analyses of runs")
KINDS = {
    "runs": Sentence("runs: weights, ranks, curves"),
    "analyses": Sentence("analyses of runs"),
    "bin": Sentence("runs in the bin"),
    "cache": Sentence("prepared data"),
    "data": Sentence("imported data"),
    "rest": Sentence("index, logs and the rest"),
}
CLEAR_ANALYSES = Sentence("Delete all analyses")
CLEAR_ANALYSES_SAID = Sentence(
    "This deletes what the pages that look inside have worked out, of every run and of everybody. Each is worked out "
    "anew when somebody asks for it. The runs stay."
)
CLEAR = Sentence("Delete these for good")
CLEAR_CACHE = Sentence("Delete prepared data")
CLEAR_CACHE_SAID = Sentence("The next run or page that needs the data prepares it anew, which takes a little longer.")
FREED = Sentence("{size} are free again.", size="41.0 MB")
