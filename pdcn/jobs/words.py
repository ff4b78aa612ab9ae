"""What is said of a run that is at work or waits."""

from pdcn.words import Sentence

WAITING = Sentence("Waiting for the worker, which is starting")
WAITING_BEHIND = Sentence(
    "Place {place} in the queue: {ahead} ahead, about {wait} until it begins", place=3, ahead="2 runs", wait="12 min"
)
WAITING_BEHIND_UNKNOWN = Sentence("Place {place} in the queue: {ahead} ahead", place=2, ahead="1 run")
WAITING_BEHIND_PAUSED = Sentence(
    "Place {place} in the queue: {ahead} ahead, of which one is paused", place=2, ahead="1 run"
)

PREPARING = Sentence("preparing the data")
MATCHING = Sentence("matching {what}", what="dense parameters")
TUNING = Sentence("tuning, trial {trial} of {trials}", trial=3, trials=12)
TUNING_AGAIN = Sentence("tuning, trial {trial} of {trials}, again with new seeds", trial=3, trials=12)
TRAINING = Sentence("training {seeds} of {all}", seeds="seed 1", all=3)
TRAINING_LOOK = Sentence(
    "training {seeds} of {all}, for look {look} of at most {looks}", seeds="seeds 3 to 4", all=5, look=2, looks=4
)
SEED = Sentence("seed {seed}", seed=1)
SEEDS = Sentence("seeds {first} to {last}", first=1, last=2)
UNLIKE = Sentence("{why} as those of {arm}", why="its batches were not the same", arm="sequential")
RANKING = Sentence("ranking {events} test events against {items} items", events="17,718", items="2,159")
SCORING = Sentence("scoring {events} test events", events="88,590")
SLICES = Sentence("looking where the difference comes from")
STABILITY = Sentence("comparing what the seeds of each arm find")
PAUSED = Sentence("Paused: {phase}", phase="training seed 1 of 3")
STOPPING = Sentence("Stopping. What was reached is ranked and kept")
STEPS = Sentence("step {done} of {total} in all trainings", done="1,200", total="4,800")
LEFT = Sentence("about {time} left", time="1 min 20 s")

NEEDS = Sentence("About {time} and {memory} of memory on this machine.", time="5 min", memory="0.6 GB")
NEEDS_AT_MOST = Sentence(
    "At most about {time}, usually much less, and {memory} of memory on this machine.", time="5 min", memory="0.6 GB"
)
TOO_FEW_STEPS = Sentence(
    "A training takes only about {steps}, too few to learn from. Use a smaller batch, more epochs or more events.",
    steps="4 steps",
)
DISK_FULL = Sentence("The disk is full; make room in {folder}.", folder="`runs`")
NEEDS_MEMORY = Sentence(
    "This study needs about {needed} of memory, and {free} are free.", needed="3.1 GB", free="0.9 GB"
)
NEEDS_DISK = Sentence(
    "This study needs about {needed} on the disk, and {free} are free in {folder}.",
    needed="3.1 GB",
    free="0.9 GB",
    folder="`runs`",
)
IMPORT_MEMORY = Sentence(
    "This import needs about {needed} of memory, and {free} are free. Close what else is open, or let it take less "
    "(PDCN_IMPORT_MEMORY=300), which is slower.",
    needed="1.4 GB",
    free="0.9 GB",
)
IMPORT_DISK = Sentence(
    "This import needs about {needed} on the disk while it is at work, and {free} are free in {folder}. Make room, or "
    "bring fewer rows.",
    needed="3.1 GB",
    free="0.9 GB",
    folder="`home`",
)
TOO_LONG = Sentence(
    "This study takes up to {needed}, and the longest that may run here takes {longest}; choose fewer epochs, seeds, "
    "arms or events.",
    needed="40 hours",
    longest="24 hours",
)
CHOOSE_LESS = Sentence(
    "{why} Choose a smaller batch, fewer events or narrower towers.",
    why="This study needs about 3.1 GB of memory, and 0.9 GB are free.",
)
FITS_WITH = Sentence(
    "{why} It fits with {setting} {value}.",
    why="This study needs about 3.1 GB of memory, and 0.9 GB are free.",
    setting="batch",
    value="256",
)
NO_MEMORY = Sentence("The machine ran out of memory; {less}.", less="smaller data or a smaller batch needs less")
ENDED_FROM_OUTSIDE = Sentence(
    "Something outside ended a process of this work, as a system does when memory runs out; {less}.",
    less="smaller data or a smaller batch needs less",
)
LESS_OF_A_STUDY = Sentence("smaller data or a smaller batch needs less")
LESS_OF_AN_ANALYSIS = Sentence("fewer points or events need less")
INTERRUPTED = Sentence("Interrupted from the keyboard.")
STARTING = "starting"
WAITS_FOR_ONE = Sentence("waiting for another analysis")
WAITS_FOR = Sentence("waiting for {count} other analyses", count=3)
WAITS_FOR_TRAINING = Sentence(
    "waiting until the training of {run} has ended, so that it does not disturb the clock", run="20261126-101010-abcd"
)

# what is said where a job can't be carried out

ELSEWHERE = Sentence("worked out on another machine")
NO_SUCH_EXECUTOR = Sentence("executor: expected one of {known}, got {name}", known="local", name="'cluster'")
UNEQUAL_WORLDS = Sentence("training_sets: expected worlds with equally many test events; choose one or bootstrap")
NO_SUCH_KIND = Sentence("kind: expected one of {known}, got {kind}", known="study, calibration", kind="'studies'")

# of other machines

NO_RAY = Sentence("executor: Ray is not installed here; pip install -r requirements-ray.txt brings it")
NO_ADDRESS = Sentence(
    "executor: expected ray, ray://HOST:PORT, or ray://HOST:PORT?gpus=1, got {address}", address="'lab:x'"
)
NO_TOKEN = Sentence(
    "executor: {file} is not there; copy the token that python -m pdcn node wrote on the first machine", file="`token`"
)
NOBODY_THERE = Sentence(
    "executor: no cluster answers at {where}; start one with python -m pdcn node", where="127.0.0.1:10001"
)
NOT_TAKEN_IN = Sentence(
    "executor: the cluster at {where} does not take us in; its token has to be the same here, and so has the version "
    "of Ray and of Python; if they are, it is too busy: try again later",
    where="127.0.0.1:10001",
)
CLUSTER_GONE = Sentence(
    "The cluster at {where} no longer answers. What was trained is kept; python -m pdcn runs resume goes on with it.",
    where="127.0.0.1:10001",
)
ENDED_OFTEN = Sentence(
    "its process or its machine was lost {times} times, the last time with {error}", times=5, error="WorkerCrashedError"
)
CELL = Sentence("{arm} seed {seed}", arm="Parallel", seed=1)
AND_MORE = Sentence(" and {more} more", more=3)
MACHINE = Sentence("a machine that offers as much as {cores} of its cores", cores="1")
MACHINE_WITH_GPUS = Sentence("a machine that offers as much as {gpus} of its GPUs", gpus="1")
WAITS_FOR_MACHINE = Sentence(
    "{cells} wait for {what}. Stop ends the run with what there is",
    cells="Parallel seed 1, Sequential seed 2",
    what="a machine that offers as much as 1 of its GPUs",
)
