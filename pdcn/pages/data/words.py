"""Every sentence of the Data page."""

from pdcn import glossary
from pdcn.words import Sentence

TITLE = Sentence("What the towers read")
SOURCE = Sentence("Data")
SOURCE_HELP = f"{glossary.DATA} Choose the data of the run shown here, or a source with its default settings."
OF_RUN = Sentence("this run's data")
PREPARING = Sentence("Preparing the data. This happens once and takes about ten seconds.")
NOT_PREPARED = Sentence(
    "This run has not prepared its data yet. Choose one of the sources above, or come back in a moment."
)

LEAD = Sentence(
    "{title}: models learn from {train} events and are judged on the {test} that come last.",
    title="The Complete Journey",
    train="167,810",
    test="17,718",
)
PARTS = {
    "train": Sentence("training (models learn)"),
    "validation": Sentence("validation (the best step is chosen)"),
    "test": Sentence("test (models are judged)"),
}
TIME = Sentence("date")
EVENTS_A_BAR = Sentence("events per bar")

EVENTS = Sentence("events in all parts")
EVENTS_HELP = Sentence(f"{glossary.EVENT} {{test}} of them are test events.", test="17,718")
ITEMS = Sentence("items")
ITEMS_HELP = glossary.ITEM
USERS = Sentence("users in all parts")
USERS_HELP = Sentence(f"{glossary.USER} The verdict is about the {{tested}} users with test events.", tested="389")
FIELDS_COUNT = Sentence("query + item fields")
FIELDS_HELP = Sentence(
    "What each tower reads. Of the {fields} fields, {categories} are categories and the others are numbers.",
    fields=33,
    categories=24,
)
FIELDS_HELP_BAGS = Sentence(
    "What each tower reads. Of the {fields} fields, {categories} are categories, {bags} hold several values each, and "
    "the others are numbers.",
    fields=33,
    categories=24,
    bags=2,
)

SPLIT = Sentence(
    "The events are sorted by time and cut twice. Models learn from the first part. Validation decides which step of a "
    "training is kept. The last part judges, and it lies in the future of both others. Each bar is one sixtieth of the "
    "whole time, or a day where that is longer."
)
SPLIT_DOES_NOT_SHOW = Sentence("The split does not show whether the future resembles the past.")
PART = Sentence("part")
PART_EVENTS = Sentence("events")
PART_USERS = Sentence("users")
FROM = Sentence("from")
TO = Sentence("to")
ABOUT = Sentence("**{title}.** {note}", title="The Complete Journey", note="Grocery purchases of one year.")
HASH = Sentence("Content hash {hash}: equal data has an equal hash on every machine.", hash="471e3edf86f9")

EVENT = Sentence("One event, in words")
EVENT_CHOICE = Sentence("Event")
EVENT_NUMBER = Sentence("event {number}", number="179,534")
EVENT_SAID = Sentence(
    "On {when}, {who} {did} **{item}**.",
    when="Sunday 3 December 2017, 10:05 New York time",
    who="a household",
    did="bought",
    item="Cottage cheese",
)
UTC = Sentence("{when} (UTC)", when="Sunday 3 December 2017, 10:05")
SAW = {
    "query": Sentence("What the query tower saw: only what was known before the event"),
    "item": Sentence("What the item tower saw"),
}
FIELD = Sentence("field")
VALUE = Sentence("value")

FIELDS = Sentence("The fields")
SIDE = Sentence("Side")
SIDES = {"query": Sentence("query fields"), "item": Sentence("item fields")}
KIND = Sentence("kind")
KIND_HELP = Sentence("A category gets a learned vector for each of its values. A number is read as it is.")
KIND_BAG = Sentence("{held} values a query", held=4)
KIND_SOMETIMES = Sentence("category, at times empty")
VALUES = Sentence("values")
VALUES_HELP = Sentence("How many different values the training events have.")
COMMONEST = Sentence("most common")
UNKNOWN = Sentence("unknown")
UNKNOWN_HELP = Sentence("Share of all events with a value that no training event has.")
DISTRIBUTION = Sentence("Distribution of")
DISTRIBUTION_CAPTION = Sentence("How often each value occurs in training. Rare values can still matter.")
SHARE = Sentence("share of training events (%)")
SHARE_HOLDING = Sentence("share of training events that hold it (%)")
SHARE_SHORT = Sentence("share (%)")
POPULARITY_FOUND = Sentence("The most popular tenth of the catalogue takes {share} of the training events", share="47%")
POPULARITY = Sentence("A steep rise means that a few items take most choices. The popularity baseline is strong then.")
POPULARITY_X = Sentence("most popular share of the catalogue (%)")
POPULARITY_Y = Sentence("share of events (%)")

PLANTED = Sentence("What was planted")
NO_CROSSES = Sentence("No crosses. A model that only adds up fields misses nothing here.")
CROSS_SIDE = Sentence("side")
CROSS = Sentence("cross")
CROSS_HELP = glossary.CROSS
STRENGTH = Sentence("strength")
STRENGTH_HELP = Sentence("Spread of the effect of this cross. The effects of all single fields together have 1.")

SHARE_HOVER = Sentence("{value}: {share}%<extra></extra>", value="Grocery", share="41.2")
EVENTS_HOVER = Sentence("{count} events", count="1,204")
SPREAD_HOVER = Sentence("the top {counted}% hold {held}%<extra></extra>", counted="10.0", held="41")
WITH_UNIT = Sentence("{label} {unit}", label="Days since the last visit", unit="days")

OUTCOMES = Sentence("What comes of an impression")
OUTCOMES_FOUND = Sentence(
    "Nothing comes of {none} of the impressions. The rarest outcome, {kind}, comes of {share}.",
    none="92%",
    kind="checkout",
    share="0.31%",
)
OUTCOMES_X = Sentence("share of the impressions on a surface (powers of ten)")
OUTCOMES_HOW = Sentence(
    "The rows go by {surface}, and each mark is an outcome. Where the data holds a sample of what came to nothing, "
    "these are shares of that sample.",
    surface="surface",
)
OUTCOME_HOVER = Sentence("{kind}: {share}% of the impressions<extra></extra>", kind="click", share="5.21")
OF_ONE = Sentence(
    "Only on *{surface}*: {fields}. Elsewhere they are empty and say nothing.",
    surface="search",
    fields="Topic of the search and Words in the search",
)
ADVERTISERS_FOUND = Sentence("A tenth of the advertisers has {share} of the conversions", share="61%")
ADVERTISERS = Sentence(
    "There are {advertisers} advertisers. A steep rise means that most of them have few conversions to learn from.",
    advertisers="80",
)
ADVERTISERS_X = Sentence("largest share of advertisers (%)")
ADVERTISERS_Y = Sentence("share of conversions (%)")
VALUE_FOUND = Sentence("An event counts by the logarithm of its {unit}, up to {cap}", unit="seconds", cap=300)
VALUE_HOW = Sentence("Bars: how often each value occurs in training. Line: the weight that it gets.")
VALUE_X = Sentence("{unit}", unit="seconds")
VALUE_SHARE = Sentence("events")
VALUE_WEIGHT = Sentence("weight")
WEIGHT_HOVER = Sentence("{value}: weight {weight}<extra></extra>", value="12.0", weight="0.45")
