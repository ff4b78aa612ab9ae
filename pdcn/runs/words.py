"""What a run's record says beside its verdict, and what is said of folders among the runs."""

from pdcn.words import Sentence

# how settings were found

DEFAULTS, QUICK = "default settings", "quick settings"
BY_HAND = "settings set by hand, not tuned"
TUNED = Sentence("tuned with {trials} trials an arm", trials=12)

# notes beside a verdict

NOTHING_KEPT = Sentence(
    "{run} can't go on: it is done, or kept no trainings, as only those on other machines do",
    run="20261126-101010-abcd",
)
LOST = Sentence(
    "{arm}, seed {seed}, was lost: {why}. The other trainings count.",
    arm="Parallel",
    seed=1,
    why="its batches were not the same",
)
STILL_OPEN = Sentence("Still open after {seeds} seeds, the most that were allowed.", seeds=15)
CUT_SHORT = Sentence("Cut short: stopped at step {step} of {steps}.", step="120", steps="1,640")
FEW_STEPS = Sentence(
    "A training of {steps} says nothing: it takes at least {least}, and all of the warm-up. More events, more epochs "
    "or a smaller batch give more steps.",
    steps="4 steps",
    least=10,
)
NOT_FINISHED = Sentence(
    "Not finished: {arms} were still improving when training ended. More epochs may change the result.",
    arms="parallel and sequential",
)
NOT_FINISHED_ONE = Sentence(
    "Not finished: {arm} was still improving when training ended. More epochs may change the result.", arm="parallel"
)
IN_BLOCKS = Sentence("Training events were shuffled by blocks.")
UNTRAINED = Sentence(
    "{arm}, {seeds}: the untrained weights were best on validation ({metric}), so nothing was learned there.",
    arm="Parallel",
    seeds="seed 1",
    metric="recall@100",
)
FIRST_CHECK = Sentence(
    "{arm}, {seeds}: the first check after training began was the best on validation ({metric}), so later training "
    "added nothing.",
    arm="Parallel",
    seeds="seeds 0 and 2",
    metric="recall@100",
)
SEED, SEEDS = Sentence("seed {number}", number=1), Sentence("seeds {numbers}", numbers="0 and 2")

# how a run goes

WAITING = "waiting for the worker"
NOT_BEGUN = "Stopped before it began."
PROCESS_ENDED_KEPT = Sentence(
    "The process ended before the run did. What was trained is kept; python -m pdcn runs resume {run} goes on with it.",
    run="20261126-101010-abcd",
)
PROCESS_ENDED = "The process that trained this run ended before the run did."
RECORD_DAMAGED = "The record of how far this run was is damaged."
OWN_RUN = "run: expected a run of your own; the showcase belongs to the project"
AT_WORK = Sentence(
    "Run {run} is still at work: stop it first, on the Compare page or where it was started, then delete it.",
    run="20261126-101010-abcd",
)
NOT_DELETED = Sentence(
    "Run {run} could not be deleted. {why}", run="20261126-101010-abcd", why="`runs` can't be written."
)

# what lies among the runs and is none

A_LINK, A_FILE = "a link; a run is a folder of its own", "a file; a run is a folder"
NAMED_AS_SHOWCASE = "has the name of the run that comes with the project"
LACKS = Sentence("has no {files}", files="request.json and no progress.json")
AND_NO = " and no "
UNREADABLE = "its experiment.json can't be read as one"
NO_NAME = "its name can't be read"

# how much may wait, and how much may be kept

TOO_MANY_WAIT = Sentence(
    "You have {runs} waiting, the most that one session may have; stop one, or wait until one has begun.", runs="3 runs"
)
TOO_MANY_WAIT_IN_ALL = Sentence(
    "All {count} places in the queue are taken; try again once some runs have begun.", count=50
)
OVER_LIMIT = Sentence(
    "This needs about {needed}, but {home} may take {limit} and takes {taken}; make room on the Runs page.",
    needed="0.3 GB",
    taken="99.8 GB",
    limit="100.0 GB",
    home="`home`",
)

# what is said where a run, or what is written of it, is wrong

GONE = Sentence(
    "run {run}: expected a readable {file}, but it is gone; put it back into {folder}, or train the run again",
    run="20261126-101010-abcd",
    file="result.json",
    folder="`runs`",
)
DAMAGED = Sentence(
    "run {run}: expected a readable {file}, but it is damaged; put it back into {folder}, or train the run again",
    run="20261126-101010-abcd",
    file="ranks.parquet",
    folder="`runs`",
)
DAMAGED_BECAUSE = Sentence(
    "run {run}: expected a readable {file}, but it is damaged ({why}); put it back into {folder}, or train the run "
    "again",
    run="20261126-101010-abcd",
    file="experiment.json",
    why="expected an experiment as JSON",
    folder="`runs`",
)
FILES_DAMAGED = Sentence(
    "run {run}: expected a folder with readable {files}; put them back into {folder}, or remove that folder by hand",
    run="20261126-101010-abcd",
    files="request.json, progress.json",
    folder="`runs`",
)
LINKED = Sentence(
    "run {run}: expected a folder, but {path} is a link; remove it by hand", run="20261126-101010-abcd", path="`runs`"
)
INDEX_IN_USE = Sentence(
    "runs: expected {path} to be free for use, but it is not ({why})", path="`runs.sqlite`", why="database is locked"
)
INDEX_DAMAGED = Sentence("runs: the index was damaged and is made anew; try again")
HOME_UNREADABLE = Sentence(
    "PDCN_HOME: expected a folder that can be read, got {path} ({why})", path="/data", why="Permission denied"
)
NO_SUCH_RUN = Sentence("run: expected the name of a run in {folder}, got {run}", folder="`runs`", run="'last'")
NO_WEIGHTS = Sentence("run: expected trained weights in {run}, but no arm has any yet", run="20261126-101010-abcd")
OTHER_DATA = Sentence(
    "run: the data has changed since {run} was trained (expected data with hash {kept}, got {hash}); train it again to "
    "look inside",
    kept="471e3edf86f9",
    run="20261126-101010-abcd",
    hash="0123456789ab",
)
WEIGHTS_DAMAGED = Sentence(
    "run: expected readable weights of {arm} in {file}; train it again", arm="parallel", file="parallel.0.safetensors"
)
RUN_GONE = Sentence("run: expected a folder {folder}, but it is gone; nothing was kept", folder="`runs`")
NAME_TOO_LONG = Sentence(
    "name: expected at most {most} letters, got {count}; shorten it, or put the rest into the notes", most=80, count=95
)
NOTES_TOO_LONG = Sentence(
    "notes: expected at most {most:,} letters, got {count:,}; shorten them", most=10_000, count=12_000
)
TOO_MANY_TAGS = Sentence("tags: expected at most {most}, got {count}; take some out", most=20, count=24)
TAG_TOO_LONG = Sentence(
    "tags: expected at most {most} letters each, got {count}; shorten it, or put a comma between two", most=40, count=52
)
NO_VECTORS = Sentence(
    "A ranking model reads query and item together, so it has no vectors, no index and no list of the whole catalogue "
    "to show."
)
