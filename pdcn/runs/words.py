"""What a run's record says beside its verdict, and what is said of folders among the runs."""

from pdcn.words import Sentence

# how settings were found

DEFAULTS, QUICK = "default settings", "quick settings"
BY_HAND = "settings set by hand, not tuned"
TUNED = Sentence("tuned with {trials} trials an arm", trials=12)

# notes beside a verdict

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

SEVERAL_EXPERTS = Sentence(
    "A mixture of experts has several networks side by side, so there is no one network to look into. Its towers and "
    "their cost are on the Compare page."
)
NO_VECTORS = Sentence(
    "A ranking model reads query and item together, so it has no vectors, no index and no list of the whole catalogue "
    "to show."
)
