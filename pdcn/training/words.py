"""What is said of trainings: how each ended, how settings were tuned, and which version trained them."""

from pdcn.words import Sentence

# how a training ended

NO_BETTER = Sentence("validation got no better in {checks} checks", checks=8)
NO_NUMBER = Sentence(
    "the loss was no longer a number by step {step}; a lower learning rate or a tighter clip usually mends that",
    step=120,
)
OTHER_WEIGHTS = Sentence("its first weights were not the same ({name})", name="query.head.weight")
OTHER_BATCHES = "its batches were not the same"

# tuning

TUNED_EQUALLY = Sentence("tuned equally, {trials} trials an arm", trials=16)
TOO_FEW_TRIALS = Sentence("tuned with {trials} trials an arm, too few to tell settings apart", trials=4)
NOT_TOLD_APART = Sentence(
    "tuned with {trials} trials an arm, which do not tell settings apart that differ by less than {points} points",
    trials=16,
    points="2.0",
)

# versions

MADE_OTHERWISE = Sentence(
    "This was trained with version {version} of the training; version {now} gives somewhat different numbers for the "
    "same settings.",
    version=1,
    now=3,
)

# timing

TRAINING = Sentence("training {arm}", arm="parallel")

# devices

NO_SUCH_DEVICE = Sentence("device: expected one of {known}, got {name}", known="auto, cpu, cuda, mps", name="'gpu'")
NO_DEVICE_HERE = Sentence("device: expected one of auto, {here} on this machine, got {name}", here="cpu", name="'cuda'")
