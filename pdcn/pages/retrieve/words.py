"""Every sentence of the Retrieve page."""

from __future__ import annotations

from pdcn import glossary
from pdcn.words import Sentence

TITLE = "One query, two lists"
ASKED_ABOUT_ALL = (
    "One network reads query and item together, and was asked about every item here. In use it would be asked about a "
    "few, which retrieval has found. A score is its logit."
)
NO_SHARED_SEED = Sentence(
    "These two arms have no seed in common, so no two lists can be put side by side. Choose another pair, or another "
    "run on the Runs page."
)
OPENING_DATA = "Opening the data. Where it is not prepared yet, this takes about ten seconds, once."

# the lead

LEAD = Sentence(
    "{left} puts the {thing} {chosen} at rank {left_rank}, {right} at rank {right_rank}. Of their first {length}, "
    "{both} are in both lists.",
    left="Parallel",
    thing="product",
    chosen="bought",
    left_rank="1",
    right="sequential",
    right_rank="12",
    length=10,
    both=8,
)
LEAD_SAME = Sentence(
    "Both models put the {thing} {chosen} at rank {rank}. Of their first {length}, {both} are in both lists.",
    thing="product",
    chosen="bought",
    rank="1",
    length=10,
    both=8,
)
LEAD_ONE = Sentence(
    "{arm} puts the {thing} {chosen} at rank {rank} of {count}.",
    arm="Parallel",
    thing="product",
    chosen="bought",
    rank="1",
    count="2,159",
)
FOLLOWED = "followed"

# the query

STARTED_FROM = Sentence("It started from test event {event}.", event="60")
CAME_OF_IT = Sentence("It was on {surface}, and this came of it: {outcome}.", surface="search", outcome="checkout")
SURFACE = Sentence("Surface")
SURFACE_HELP = Sentence("Walk through the events of one surface alone.")
ANYWHERE = Sentence("all surfaces")
HEAD = Sentence("Lists by the head for")
HEAD_HELP = Sentence("Each kind of outcome has a head of its own. The first one is served.")
NOT_SERVED = Sentence(
    "These lists come from the head for {head}, which is not served. The numbers of the run are about the head for "
    "{served}.",
    head="engagement",
    served="conversion",
)
ASKED = Sentence(
    "On {date}, {who} {did} one of {count} {thing}s. Which one?",
    date="Sunday 26 November 2017, 20:43",
    who="a household",
    did="bought",
    count="2,159",
    thing="product",
)
MADE_UP = Sentence(
    "A made-up query. Which of {count} {thing}s would each model put first?", count="2,159", thing="product"
)
NOBODY = Sentence(
    "Nobody asked this, so no {thing} is right. Followed below: {item}, {chosen} at the real event.",
    thing="product",
    item="Soft drinks",
    chosen="bought",
)
WAS = Sentence("{chosen}: {item}", chosen="Bought", item="Soft drinks")
CHOSEN = Sentence("rank {rank} of {count} by popularity alone", rank="86", count="2,159")
KNOWN = "What the models know about this query"
GROUPS = {"who": "Who", "moment": "At that moment", "numbers": "In numbers"}

# the controls

NO_EVENT = Sentence(
    "The link asks for test event {asked}, but this run's test events are numbered 1 to {events}. Below is event "
    "{first}.",
    asked="`0`",
    events="17,730",
    first="60",
)
NUMBER = "Event"
EVENT = Sentence("Test event, 1 to {events}", events="17,730")
BY_HAND = "Set by hand"
ROOM = "For a room"
ROOM_HELP = "Larger type, fewer words."
MORE = "More"
WALK = "Walk through disagreements"
WALK_HELP = Sentence("Begins where the arms differ most, over all seeds.")
RANDOM = "Random event"
LENGTH = "List length"
SEED = "Seed"
SEED_HELP = f"{glossary.SEED} Another seed makes other lists."
EITHER_WAY = "either way"
BETTER = Sentence("{arm} better", arm="parallel")
PREVIOUS, NEXT = "Previous", "Next disagreement"

# where one is

TO_BEGIN_WITH = Sentence(
    "To begin with, an event that every arm and seed finds well. “Next disagreement” leads to where they differ most."
)
ARMS_ALIKE = Sentence("In this event the two arms rank the true item alike, over all seeds.")
NO_DISAGREEMENT_WITH = Sentence(
    "This event is none of the {count} disagreements with {side}.", count="4,120", side="parallel better"
)
DISAGREEMENT = Sentence("**Disagreement {place} of {count}**, the largest first.", place="3", count="9,120")
DISAGREEMENT_WITH = Sentence(
    "**Disagreement {place} of {count}** with {side}, the largest first.",
    place="3",
    count="4,120",
    side="parallel better",
)
EXTREME = "Chosen for its size: an extreme, not the rule."
LARGEST = Sentence(
    "Of the {count} largest, {left} is better in {wins}, {right} in {losses}.",
    count=100,
    left="parallel",
    wins=61,
    right="sequential",
    losses=39,
)

# the lists

ONE_TRAINING = Sentence("this list is one training, seed {seed}", seed=0)
TRAININGS = Sentence(
    "in the top {length} of {hits} of {seeds} trainings: ranks {ranks}; this list is seed {seed}",
    length=10,
    hits=3,
    seeds=3,
    ranks="1, 1, 4",
    seed=0,
)
PLACE = Sentence("the {thing} {chosen}: rank {rank} of {count}", thing="product", chosen="bought", rank="1", count=100)
ALSO = Sentence("also {chosen}", chosen="bought")
AT_THE_EVENT = Sentence("{chosen} at the real event", chosen="bought")
KEY = Sentence(
    "{both} ○ in both · ● in this list only · the number after a name is its rank in the other model.",
    both="8 of 10 in both lists.",
)
IN_BOTH = Sentence("{both} of {length} in both lists.", both=8, length=10)
MARKS = {"both": "in both lists", "only": "in this list only", "": ""}
RANK, SCORE = "rank", "score"
RANK_IN = Sentence("in {arm}", arm="sequential")
LISTS_CSV = "These lists as CSV"

# how typical

TYPICAL = "How typical is that, and what is left out?"
HOW_TYPICAL = Sentence(
    "**How typical is that?** Over all {events} test events, {left} ranks the true {thing} higher in {left_share}, "
    "{right} in {right_share}, alike in {alike}.",
    events="17,730",
    left="parallel",
    thing="product",
    left_share="50.8%",
    right="sequential",
    right_share="45.7%",
    alike="3.5%",
)
BY_SEEDS = Sentence(
    "That is by the mean over {seeds} seeds. In single seeds, {left} has {left_span} and {right} {right_span}.",
    seeds=3,
    left="parallel",
    left_span="47.9% to 51.2%",
    right="sequential",
    right_span="45.2% to 48.5%",
)
SHARES = Sentence("{least} to {most}", least="47.9%", most="51.2%")
COUNTS_ONLY = Sentence(
    "It counts events, however small the step, and has no interval. The Compare page says whether an arm is better."
)
LEFT_OUT = Sentence("{chosen} before, so left out of the lists: {had}.", chosen="Bought", had="12 products")

# why they differ

WHY, WHY_ONE = "Why do they differ?", "What moves this item?"
ITEM = "Item"
ITEM_HELP = f"{glossary.ITEM} The item that was chosen comes first. You can ask about every other item in the lists."
HIDDEN = "Hidden in turn"
HIDDEN_HELP = Sentence("Each field is replaced by its mean, one after the other.")
SIDES = {"query": "fields of the query", "item": "fields of the item"}
SEEN = "Seen in"
SEEN_HELP = Sentence("Score: what the field adds to the item's score. Rank: where the item goes without the field.")
ALL_FIELDS = Sentence("Show all {count} fields", count=24)
SCORE_CAPTION = Sentence("Right of the line, the field speaks for the item; left of it, against.")
RANK_CAPTION = Sentence("Right of its arm's upright line, the item falls behind without the field.")
REPLACED = {
    "query": Sentence("Each field in turn is replaced by its mean over the training events."),
    "item": Sentence("Each field in turn is replaced by its mean over the catalogue."),
}
RANK_ONE = "Ranks are those of one training, the one whose lists you see."
SORTED_BY_DIFFERENCE = Sentence("Fields are sorted by how much the two scores differ.")
SORTED_BY_SIZE = Sentence("Fields are sorted by size.")
OTHER_SEEDS = Sentence(
    "Small marks are the other seeds. Where the marks of both arms lie mixed, the difference is a training's luck."
)
LIMITS = Sentence(
    "**It does not show** shares of a score. Fields act together, so these do not add up. A query with a field hidden "
    "is unlike any in the data. Each arm's scores have a scale of their own; ranks can be compared."
)

# the query by hand

EDITOR = "The query, by hand"
IN_UNIT = Sentence("{field} ({unit})", field="Days since the last visit", unit="days")
EMPTY = Sentence("Empty: {field}", field="Favourite departments")
EMPTY_HELP = Sentence(
    "{field}: {values}. It is left as it is, or emptied.", field="Favourite departments", values="Grocery, Produce"
)
BACK = "Back to the event"
BACK_HELP = Sentence("Changed fields: {count} of {fields}.", count=1, fields=24)

# the figure of what each field adds

ADDS_AXIS, RANK_AXIS = Sentence("what the field adds to the score"), Sentence("rank without the field (log scale)")
OTHER_SEEDS_OF = Sentence("{arm}, other seeds", arm="parallel")
SEED_ADDS = Sentence("seed {seed}: adds {adds}<extra></extra>", seed=1, adds="+0.12")
FIELD_ADDS = Sentence(
    "{field}: {value}<br>{arm}: adds {adds}; rank {rank} with it, {without} without<extra></extra>",
    field="Income",
    value="35-49K",
    arm="parallel",
    adds="+0.12",
    rank="12",
    without="40",
)
