"""How a difference in a metric is said, and what it means to find less than a baseline does."""

from pdcn.words import Sentence

POINTS_OF = Sentence("{change} points of {metric}", change="+1.20", metric="recall@100")
CHANGE_IN = Sentence("{change} in {metric}", change="−0.0120", metric="log loss")

BELOW_POPULARITY = (
    "An arm that does worse than one list for everybody has learned too little to say anything about its wiring. More "
    "events, more epochs or a smaller batch help."
)
BELOW_HISTORY = Sentence(
    "{repeats:.0%} of the test events repeat an item that their user had in the training part. History puts these "
    "first; a tower has to learn who had what.",
    repeats=0.69,
)
BELOW_WITHOUT_FIELDS = (
    "PureSVD and item-kNN read only who had what. The towers read that too, so they leave some of it unused."
)

# what is said where a task can't do what was asked

NO_SUCH_TASK = Sentence("task: expected one of {known}, got {name}", known="retrieval", name="'ranking'")
TOO_MANY_PAIRS = Sentence(
    "seen: expected at most {most:,} pairs of users and items to leave out what users have had, got {users:,} users "
    "and {items:,} items; keep it in, or take less data",
    most=2_000_000_000,
    users=1_000_000,
    items=90_000,
)
# ranking

NOT_CHOSEN = "nothing"
ONE_LABEL = Sentence(
    "outcome: expected a user with events of both kinds in the {part} part, but for {outcome} none has both; judge by "
    "another outcome, or take more data",
    part="test",
    outcome="conversion",
)
ITEM_RATE = "How often the item was chosen where it was shown in the training part, for every user alike."
USER_RATE = "How often this user chose in the training part, whatever was shown."
BOTH_RATES = "The item's rate and the user's rate, joined by a logistic regression on validation."
CONSTANT_RATE = "The share of choices in the training part, for every event alike."
RANKING_ORACLE = (
    "The best chances that can be known: those of the scores that made the data, and of how items were drawn."
)
BELOW_ITEM_RATE = (
    "An arm that orders items worse than one list for everybody has learned too little to say anything about its "
    "wiring. More events, more epochs or a smaller batch help."
)
