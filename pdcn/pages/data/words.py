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
LEAD_OTHERWISE = Sentence(
    "{title}: models learn from {train} events and are judged on {test} others.",
    title="Mine",
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
SPLIT_OTHERWISE = Sentence(
    "Models learn from the training part. Validation decides which step of a training is kept. The test part judges."
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

# a person's own data

BRING = Sentence("bring your own")
BRING_LEAD = Sentence("Compare wirings on your own data: bring a table of events, who chose what and when.")
BRING_HOW = Sentence(
    "CSV of any kind, Parquet, Arrow, DuckDB or SQLite, packed or not, up to {most} MB each. The app guesses what "
    "each column is, and you can change it. Nothing is kept before you import it, and nothing leaves this machine.",
    most=200,
)
FILE_OF = {
    "events": Sentence("Events"),
    "users": Sentence("Users, if you have them"),
    "items": Sentence("Items, if you have them"),
}
FILE_HELP = {
    "events": Sentence("A row for each time that a user chose an item."),
    "users": Sentence("A row for each user, with the same ids as the events."),
    "items": Sentence("A row for each item, with the same ids as the events."),
}
TABLE_WITHIN = Sentence("Table in the database")
TABLE_HINT = Sentence("needed where it has several")
READ = Sentence("Read the files")
READING = Sentence("Reading the files")
LARGER = Sentence("Larger files: the command line reads ten million rows in minutes")
ONLY_FILES = Sentence("Expected a file with events; choose one first.")

DRAFT = Sentence("What each column is")
DRAFT_HOW = Sentence("A guess is made from its name and its cells. Change what is wrong: all below follows.")
OF_TABLE = {
    "events": Sentence("**Events**: {rows} rows of {file}", rows="1,200", file="log.csv"),
    "users": Sentence("**Users**: {rows} rows of {file}", rows="80", file="people.csv"),
    "items": Sentence("**Items**: {rows} rows of {file}", rows="150", file="films.csv"),
}
ROLE_OF = Sentence("Role of {column}", column="price")
ROLES = {
    "user": Sentence("user"),
    "item": Sentence("item"),
    "time": Sentence("time"),
    "kind": Sentence("outcome"),
    "value": Sentence("rating"),
    "weight": Sentence("weight"),
    "query-number": Sentence("query field: number"),
    "query-quantiles": Sentence("query field: number in ranges"),
    "query-category": Sentence("query field: category"),
    "query-multi": Sentence("query field: several values"),
    "query-text": Sentence("query field: text"),
    "item-number": Sentence("item field: number"),
    "item-quantiles": Sentence("item field: number in ranges"),
    "item-category": Sentence("item field: category"),
    "item-multi": Sentence("item field: several values"),
    "item-text": Sentence("item field: text"),
    "leave-out": Sentence("leave out"),
}
EXAMPLES = Sentence("such as {examples}", examples="12.5, 3, 8.99")
NO_EXAMPLES = Sentence("no cell is filled")
OTHERS = Sentence("{count} more columns", count=12)
OTHER_FILES = Sentence("Other files")

CHOICES = Sentence("What counts, and what judges")
SPLIT_BY = Sentence("Test part")
SPLITS_BY = {
    "time": Sentence("latest events"),
    "per-user": Sentence("each user's latest"),
    "random": Sentence("random"),
}
SPLIT_HELP = Sentence(
    "Models are judged on events that they have not learned from: the latest of all, the latest of each user, or some "
    "drawn at random. The latest of all are the honest test of what comes next. Without a time, only the draw is left."
)
BEGINS = {"validation": Sentence("Validation begins"), "test": Sentence("The test part begins")}
BEGINS_HELP = Sentence(
    "Models learn from events before the first date. Those between both dates decide which step of a training is kept, "
    "and those from the second date on judge. Days begin at midnight as the file tells times, in UTC where it names "
    "zones. If nobody moves the dates, the latest 5% and 10% of the events count."
)
BY_SHARES = Sentence("By shares again")
REPEATS_OF = Sentence("The same user and item again")
REPEATS = {"keep": Sentence("counts each time"), "once": Sentence("counts once")}
POSITIVE_FROM = Sentence("A row is an event from this {column} on", column="rating")
POSITIVE_HELP = Sentence("An event says that a user chose an item. Without a number here, every row is one.")
EVERY_ROW = Sentence("every row")
WEIGHT_OF = Sentence("Weight of {kind}", kind="purchase")
WEIGHT_HELP = Sentence("How much such an event counts in training. With 0, such rows are no events.")

LOOKING = Sentence("Looking through the rows")
PROBLEMS = Sentence("What is doubtful")
NO_PROBLEMS = Sentence("Nothing is doubtful.")
PREVIEW = Sentence("What it will be")
PREVIEW_LEAD = Sentence("Models will learn from {train} events and be judged on {test}.", train="1,000", test="120")
EVENTS_IN_ALL = glossary.EVENT
POPULARITY_FINDS = Sentence("popularity, recall at {k}", k=100)
POPULARITY_HELP = Sentence(
    "Share of the test events whose item is one of the {k} most popular ones of training, as a mean over users. It is "
    "what any model has to beat.",
    k=100,
)
NAME_IT = Sentence("Name")
NAME_HELP = Sentence("Small letters, digits, hyphens and underscores. Links and the command line call it so.")
REPLACE = Sentence("Replace the data of this name")
IMPORT = Sentence("Import")
IMPORTING = Sentence("Importing")
IMPORTED = Sentence("Imported: {name} can be compared on from now on.", name="mine")
MEND_FIRST = Sentence("It can be imported once what stops it is mended.")
GONE = Sentence("What was read lay here for too long and is gone; read the files again.")

KEPT = Sentence("Your data")
NONE_KEPT = Sentence("Nothing is imported yet.")
KEPT_LINE = Sentence(
    "{name}: {events} events, {users} users, {items} items, {size}, imported on {day} from {files}.",
    name="mine",
    events="1,200",
    users="80",
    items="150",
    size="0.1 MB",
    day="2026-11-27",
    files="log.csv",
)
CHANGED = Sentence(
    "Since then, {files} changed. Import it again to use what it has now; runs keep what they were made on.",
    files="log.csv",
)
COMPARE_ON = Sentence("Compare on {name}", name="mine")
DELETE = Sentence("Delete")
DELETE_ASKS = Sentence(
    "Delete {name} for good? Runs on it keep their answers, but can't show single events any more.", name="mine"
)
DELETE_YES = Sentence("Delete it for good")
DELETED = Sentence("Deleted: {name}.", name="mine")

KNOWN = Sentence("Well-known data sets")
KNOWN_HOW = Sentence("The command line fetches them, once you agree to their terms:")
KNOWN_ONE = Sentence(
    "**{title}.** {terms}", title="MovieLens 100K", terms="MovieLens is a data set for research and teaching."
)
