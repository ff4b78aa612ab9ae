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
RANKING = Sentence("ranking {events} test events against {items} items", events="17,718", items="2,159")
SLICES = Sentence("looking where the difference comes from")
PAUSED = Sentence("Paused: {phase}", phase="training seed 1 of 3")
STOPPING = Sentence("Stopping. What was reached is ranked and kept")
STEPS = Sentence("step {done} of {total} in all trainings", done="1,200", total="4,800")
LEFT = Sentence("about {time} left", time="1 min 20 s")
