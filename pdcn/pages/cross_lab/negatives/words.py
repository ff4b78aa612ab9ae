"""Every sentence of the part of the Cross lab about negatives and logQ."""

from pdcn.words import Sentence

ZIPF = Sentence("How unequal popularity is")
ZIPF_HELP = Sentence(
    "The exponent of Zipf's law: the item of rank r is chosen in proportion to 1 / r to this power. At 0 only tastes "
    "differ."
)
BATCH = Sentence("Shoppers in a batch")
BATCH_HELP = Sentence("Every shopper of a batch has the items of all others as negatives.")
WAIT = Sentence("Training twice, with the correction and without: a few seconds.")
LEAD = Sentence(
    "A model that takes other shoppers' choices as wrong answers (negatives) scores the {count} most popular items "
    "{without} too low compared with the {count} rarest. With the logQ correction they are {corrected}.",
    count=10,
    without="2.28",
    corrected="0.10 too high",
)
LEAD_HIGH = Sentence(
    "Here the correction changes little: compared with the {count} rarest items, the {count} most popular are "
    "{without} without it, and {corrected} with it.",
    count=10,
    without="0.10 too high",
    corrected="0.05 too low",
)
LOWER, HIGHER = Sentence("{size} too low", size="2.28"), Sentence("{size} too high", size="0.10")
READ = Sentence(
    "Each point is an item; a score is the log of how likely it is to be chosen. At zero the model has learned this "
    "exactly, below it the item is pushed down."
)
POPULARITY_AXIS = Sentence("share of all choices (log scale)")
BIAS_AXIS = Sentence("learned minus true score")
WITHOUT, CORRECTED = Sentence("without logQ"), Sentence("with logQ")
HOVER = Sentence("{name}: %{{y:.2f}}<extra></extra>", name="without logQ")
FIGURE_ALT = Sentence(
    "Learned minus true score by popularity. Without logQ it changes by {without} for each factor e of popularity, "
    "with it by {corrected}.",
    without="−0.95",
    corrected="+0.05",
)
WHY = Sentence("Why does this happen?")
WHY_FOUND = Sentence("A popular item is a negative as often as it is chosen, and each time it is pushed down a little.")
WHY_WORDS = (
    Sentence(
        "Negatives come from the batch, so an item is a negative in proportion to its popularity p. The plain softmax "
        "then learns the log of how likely a choice is, minus log p."
    ),
    Sentence(
        "The logQ correction takes log p off each score in training, and not when items are ranked. What is learned is "
        "then the log of how likely a choice is (Yi et al., RecSys 2019)."
    ),
)
SLOPES = Sentence(
    "By this theory, the bias falls by 1 for each unit of log p without the correction, and by 0 with it. Measured: "
    "{without} and {corrected}.",
    without="−0.95",
    corrected="+0.05",
)
RANKS = Sentence("Does it matter for what is shown?")
RANKS_FOUND = Sentence(
    "Of the five items that each kind of shopper likes best, the model shows {without} without logQ, and {corrected} "
    "with it.",
    without="28%",
    corrected="98%",
)
RANKS_WHY = Sentence(
    "Only the order counts when items are retrieved. A score that is too low for all popular items puts rare ones in "
    "front of them."
)
MEASURED = (
    Sentence(
        "{items} items, {kinds} kinds of shoppers, and a true chance for each kind to choose each item. Tastes are "
        "made up; they stay the same when you change popularity.",
        items=50,
        kinds=8,
    ),
    Sentence(
        "A model with one free number for each kind and item is trained twice, {steps} steps each, on the same events. "
        "The loss is the one that the Compare page trains with.",
        steps=600,
    ),
    Sentence("Scores count only up to a constant, so the mean difference of each kind is taken off."),
    Sentence(
        "What is left with the correction has two reasons. A batch is a small sample, and an item that is drawn again "
        "as its own negative is left out, which favours very popular items a little."
    ),
)
