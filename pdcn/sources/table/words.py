"""Every sentence about a person's own data: why a column has its role, what is wrong with it, what comes of it."""

from pdcn.words import Sentence

# what can't be read

LIMIT = Sentence(
    "{name}: expected a whole number of 1 or more, such as {default}", name="PDCN_IMPORT_ROWS", default=50_000_000
)
OUT_OF_MEMORY = Sentence(
    "The import needs more than the {memory} MB of memory that it may take; set PDCN_IMPORT_MEMORY to more.",
    memory="1,000",
)
ENGINE = Sentence("The file can't be read as a table: {why}", why="Invalid unicode detected.")
NO_FILE = Sentence("expected a file with a table, got {file}", file="'log.csv'")
UNREADABLE = Sentence("{file} can't be read ({why}).", file="'log.csv'", why="Permission denied")
EMPTY_FILE = Sentence("{file} is empty; expected a table with the names of its columns.", file="'log.csv'")
DAMAGED = Sentence("{file} is damaged ({why}); make it anew.", file="'log.csv.gz'", why="Not a gzipped file")
SEVERAL_FILES = Sentence(
    "{file} holds several files or none ({names}); unpack it and name one.", file="'log.zip'", names="u.data, u.item"
)
FOLDER = Sentence(
    "{file} is a folder ({names}); name one of its files, or put what belongs together into one file.",
    file="'logs'",
    names="part-0.parquet, part-1.parquet",
)
EXCEL = Sentence("{file} is an Excel workbook, which is not read; save its sheet as CSV.", file="'log.xlsx'")
ARCHIVE = Sentence("{file} is an archive of files; unpack it and name one.", file="'log.tar'")
COLUMNAR = Sentence("{file} is in a format that is not read; write it as Parquet or CSV.", file="'log.orc'")
PACKED_TWICE = Sentence("{file} is packed twice; unpack it once.", file="'log.csv.gz.zip'")
JSON = Sentence("{file} is JSON, which is not read; write it as CSV or Parquet, an event a row.", file="'l.json'")
ONE_COLUMN = Sentence(
    "{file} has one column only ({name}); expected a table whose cells are separated by commas, semicolons, tabs, "
    "bars, two colons or blanks.",
    file="'log.csv'",
    name="'user/item/time'",
)
VIEW = Sentence(
    "{name} is a view in {file}, and views are not run; make a table of it (CREATE TABLE ... AS SELECT * FROM {name}).",
    name="orders",
    file="shop.sqlite",
)
FILE_TOO_LARGE = Sentence(
    "{file} takes more than {most} MB unpacked; set PDCN_IMPORT_FILE to more, or cut it.",
    file="'log.zip'",
    most="20,000",
)
UPLOAD_TOO_LARGE = Sentence(
    "A file may have at most {most} MB here; import it with python -m pdcn data import, or set PDCN_IMPORT_UPLOAD.",
    most="200",
)
NO_ENCODING = Sentence("--encoding: expected one such as utf-8 or latin-1, got {encoding}", encoding="'utf-9'")
OTHER_ENCODING = Sentence(
    "{file} is not written in {encoding}; name another (--encoding).", file="'log.csv'", encoding="utf-16"
)
NO_TABLE = Sentence(
    "{file} is no table; expected CSV, Parquet, Arrow, DuckDB or SQLite, packed or not.", file="'photo.jpg'"
)
LINE_TOO_LONG = Sentence("{file} has a line of more than {most} MB, so it is no table.", file="'log.csv'", most=64)
NO_DATABASE = Sentence("{file} is no database, so it has no table {table}.", file="'log.csv'", table="'orders'")
WHICH_TABLE = Sentence(
    "{file} has the tables {names}; name one of them (behind two colons: {file}::TABLE).",
    file="shop.sqlite",
    names="orders, products",
)
TOO_MANY_COLUMNS = Sentence(
    "The table has {columns} columns, and at most {most} are read; leave some out, or set PDCN_IMPORT_COLUMNS.",
    columns="2,000",
    most="300",
)
TOO_MANY_ROWS = Sentence(
    "The table has {rows} rows, and at most {most} are read; cut it, or set PDCN_IMPORT_ROWS.",
    rows="60,000,000",
    most="50,000,000",
)
CELL_TOO_LONG = Sentence(
    "Column {column} has {length} characters in row {row}, and at most {most} are read; shorten it, or set "
    "PDCN_IMPORT_CELL.",
    column="'text'",
    row="17",
    length="1,200,000",
    most="65,536",
)
NO_ROWS = Sentence("{file} has no rows.", file="'log.csv'")

# what can't be chosen

NO_COLUMN = Sentence("--role: expected one of the columns {known}, got {column}", known="user, item", column="'usr'")
NO_ROLE = Sentence(
    "--role: column {column} can't be {role}; expected one of {known}",
    column="'price'",
    role="'cost'",
    known="user, item, time",
)
NO_NUMBERS = Sentence(
    "--role: column {column} has no numbers, but cells such as {example}", column="'colour'", example="'red'"
)
NO_MOMENTS = Sentence(
    "--role: column {column} has no dates or times, but cells such as {example}", column="'colour'", example="'red'"
)
NO_SEPARATOR = Sentence(
    "--role: column {column} has no several values in its cells, such as {example}; name what separates them, as "
    "in multi:;",
    column="'colour'",
    example="'red'",
)
NO_ZONE = Sentence("zone: expected the name of a time zone, such as Europe/Berlin, got {zone}", zone="'Berlin'")
READ_AS_UTC = Sentence(
    "The times in the column “{column}” name no time zone and are read as UTC, unless a comparison says otherwise "
    "(--zone Europe/Berlin).",
    column="bought at",
)
TOLD_IN_UTC = Sentence(
    "Weekdays and hours of the column “{column}” are told in UTC, unless a comparison says otherwise (--zone "
    "Europe/Berlin).",
    column="timestamp",
)
NO_LOGARITHM = Sentence(
    "--role: expected one of {known} behind number:, got {got}", known="plain, ln, log1p", got="'log2'"
)
NO_TIME_TO_SPLIT = Sentence(
    "--split: expected random, since no column has the role time, got {split}; give one that role (--role COLUMN=time)",
    split="per-user",
)
A_MOMENT = Sentence("a date such as 2026-10-02, or a time such as 2026-10-02T18:30")
CUTS_NEED_TIME = Sentence(
    "--cuts: expected a split in time, which alone has dates, got {split}; choose that split (--split time)",
    split="random",
)
CUTS_IN_ORDER = Sentence(
    "--cuts: expected the beginning of validation before that of the test part, got {validation} and {test}",
    validation="2026-10-21",
    test="2026-10-02",
)
CUTS_LEAVE_NONE = Sentence(
    "--cuts: expected dates that leave events in every part, got {train} to train on, {validation} to validate with "
    "and {test} to test with; the first event is at {first}, the last at {last}",
    train="1,200",
    validation="0",
    test="0",
    first="2026-01-01 10:00:00",
    last="2026-11-27 18:30:00",
)
NO_VALUE_COLUMN = Sentence(
    "--positive-from: expected a column with ratings, but none has the role value; give one that role (--role "
    "COLUMN=value)"
)
TOO_MANY_KINDS = Sentence(
    "--role: column {column} has more than {most} values, too many for outcomes; give it another role",
    column="'comment'",
    most=32,
)
NO_SUCH_KIND = Sentence("--kind: expected one of the outcomes {known}, got {kind}", known="view, cart", kind="'buy'")
WEIGHT_OF_A_KIND = Sentence("--kind: expected a weight of 0 or more, such as purchase=3")

# why a column has its role

CHOSEN = Sentence("You chose it.")
GAVE_WAY = Sentence("You chose another column as {role}.", role="time")
ALL_EMPTY = Sentence("It is empty.")
CONSTANT = Sentence("It has the same value everywhere.")
NUMBERS_ROWS = Sentence("It counts the rows.")
TELLS_ROWS_APART = Sentence("It tells rows apart and hardly has a value twice, so nothing can be learned from it.")
TIME_NAMED = Sentence("Its name says so, and its cells are dates or times.")
TIME_LOOKS = Sentence("Its cells are dates or times.")
ONLY_CLOCKS = Sentence("It has times of day without a day.")
JOIN_CLOCKS = Sentence(
    "Events of one day keep the order of the file. To use the times, write day and time in one column."
)
DAY_OR_MONTH = Sentence(
    "It is doubtful whether days or months come first; we read {first} first. Write dates as 2026-11-03 to be sure.",
    first="days",
)
ORDERS = {"dmy": Sentence("days"), "mdy": Sentence("months"), "ymd": Sentence("years")}
NAMED = {"user": Sentence("Its name says that it names users."), "item": Sentence("Its name says that it names items.")}
ALSO_NAMED = Sentence("Others could be meant: {others}.", others="session")
KEYS = {
    "user": Sentence("Its values are the keys of the table of users."),
    "item": Sentence("Its values are the keys of the table of items."),
}
KEY_FOUND = Sentence("It has {share} of the keys of the events, each once.", share="100%")
BY_ORDER = {
    "user": Sentence("It is the first column that can name users."),
    "item": Sentence("It is the next column that can name items."),
}
DOUBTFUL = {
    "user": Sentence("No name says so. Check it."),
    "item": Sentence("No name says so. Check it."),
    "time": Sentence("No name says so, but its numbers are seconds of years that make sense. Check it."),
    "value": Sentence("No name says so, but it has few numbers on a small scale. Check it."),
}
KIND_NAMED = Sentence("Its name says that it tells what came of it.")
KINDS_WEIGH = Sentence(
    "Outcomes only weigh events here: the tasks with several outcomes need impressions on surfaces, which a table does "
    "not tell."
)
VALUE_NAMED = Sentence("Its name says that it rates the item.")
VALUE_LOOKS = Sentence("It has few numbers on a small scale, as ratings have.")
WEIGHT_NAMED = Sentence("Its name says how much an event counts.")
SAME_FOR = {
    "user": Sentence("It is the same for {share} of the users.", share="100%"),
    "item": Sentence("It is the same for {share} of the items.", share="100%"),
}
BOTH_SAME = Sentence("It is the same for users as well. Check it.")
OF_ITEMS = Sentence("Only {share} of its variance is within items, so it mostly describes the item.", share="12%")
MEDIAN_OF_ITEM = Sentence("An item gets the median over its training events.")
GIVES_AWAY = Sentence("It alone tells the item of {share} of the rows, so it would give the answer away.", share="93%")
KNOWN_AFTERWARDS = Sentence("Its name says that it is known only once the event is over.")
IF_KNOWN_BEFORE = Sentence("Where it is known before the item is, make it a query field (--role COLUMN=query).")
OF_THE_EVENT = Sentence("It differs from event to event.")
MAY_BE_AFTER = Sentence("Leave it out if it is known only once the event is over.")
FORMS = {
    "number": Sentence("It has numbers."),
    "category": Sentence("It has values that come again."),
    "multi": Sentence("Its cells have several values each."),
    "text": Sentence("Its cells are words that hardly come twice."),
}

# what can't be imported

NAME_ONE = Sentence(
    "dataset: expected the name of data that you imported ({known}); import some with python -m pdcn data import",
    known="mine, shop",
)
NO_DATA = Sentence("dataset: expected data that you imported ({known}), got {name}", known="mine, shop", name="'mien'")
OTHER_FORM = Sentence("{name} was imported by a later version, or is damaged; import it again.", name="'mine'")
BAD_NAME = Sentence(
    "--name: expected small letters, digits, hyphens and underscores, at most 40, got {name}", name="'My data'"
)
TAKEN_BY_SOURCE = Sentence("--name: expected another name, because {name} is a source of data", name="'journey'")
TAKEN = Sentence("--name: {name} is there already; take another name, or --replace it", name="'mine'")
NEEDED = Sentence("No column names the {role} of an event; give one that role (--role COLUMN={role}).", role="user")
TOO_FEW_TO_SPLIT = Sentence(
    "{events} can't be split into training, validation and test ({split}); bring more, or draw the "
    "test part at random (--split random).",
    events="12 events",
    split="time",
)
NO_HISTORY = Sentence(
    "earlier_items: expected 0, because this data has no time, or a random split in which nothing comes before"
)

# what became of data after a run on it

GONE_SINCE = Sentence("The data set {name} is not here any more; this run keeps its answer.", name="mine")
ANEW_SINCE = Sentence(
    "The data set {name} was imported anew on {day}, after this run, which keeps what it was made on.",
    name="mine",
    day="2026-11-27",
)
FILES_SINCE = Sentence(
    "The data has changed since the data set {name} was imported from it: {files}. This run keeps what it was made on.",
    name="mine",
    files="log.csv",
)

# what the fields are called

DAYS, ITEMS_UNIT = Sentence("days"), Sentence("items")
EVERYONE, ANYONE = Sentence("All"), Sentence("any")
GIVEN = Sentence("given")
IS_GIVEN = Sentence("{field} is given", field="Price")
BIN = Sentence("{place}: {low} to {high}", place="03", low="1.5", high="2")
WEEKDAY, HOUR = Sentence("Weekday"), Sentence("Hour")
EARLIER, AGO = Sentence("Chosen before"), Sentence("How long ago")
EARLIER_COUNT, EARLIER_DAYS = Sentence("Chosen before, how many"), Sentence("Days since the last")
SPLITS = {
    "time": Sentence("The latest events are the test part."),
    "per-user": Sentence("The latest events of each user are the test part."),
    "random": Sentence("The test part is drawn at random, and time plays no part."),
}
SPLIT_AT = Sentence(
    "Validation begins on {validation}, and the test part on {test}.", validation="2026-10-02", test="2026-10-21"
)
NOTE = Sentence(
    "Your own data, imported from {files} on {day}. {split}",
    files="log.csv",
    day="2026-11-27",
    split="The latest events are the test part.",
)

# what is wrong with a draft

BROKEN_LINES = Sentence(
    "Lines of the {table} with too many cells are left out: {count}. The first is line {line}: {cells}. Put cells that "
    "contain the separator in quotation marks.",
    table="events",
    count="12",
    line="17",
    cells="1,2,3,4",
)
LINES_ABOVE = Sentence(
    "Lines above the table of {table} are left out: {count}, such as {line}.", count="2", table="events", line="'Shop'"
)
WESTERN = Sentence(
    "The {table} are not written in UTF-8, so they are read as Western European. Save them as UTF-8 if letters look "
    "wrong (--encoding).",
    table="items",
)
OF_COLUMN = Sentence("{column}: {why}", column="price", why="Check it.")
CONSTANT_COLUMN = Sentence(
    "{column} has the same value everywhere and is left out, because nothing can be learned from it.", column="country"
)
NO_KEY = Sentence(
    "Rows that name no {role} are left out: {count}, such as row {rows}. Fill them in if they matter.",
    count="12",
    role="user",
    rows="17, 18",
)
NO_TIME = Sentence(
    "No column has a time, so the test part is drawn at random. Give one that role if there is one (--role "
    "COLUMN=time)."
)
NO_MOMENT = Sentence(
    "Rows whose time can't be read are left out: {count}, such as {example} in row {rows}. Write them like the others.",
    count="12",
    example="'soon'",
    rows="17",
)
MIXED_DATES = Sentence(
    "{column} mixes forms of dates: {first}, but also {others}. Write all in one form, best as 2026-11-03.",
    column="date",
    first="DD/MM/YYYY",
    others="MM/DD/YYYY",
)
THRESHOLD = Sentence(
    "Rows whose {column} is {least} or more are events, {share} of all. Choose another number, or every row "
    "(--positive-from NUMBER or all).",
    column="rating",
    least="4",
    share="55%",
)
KINDS_COUNT = Sentence(
    "Outcomes weigh: {weights}. Other weights can be chosen (--kind OUTCOME=WEIGHT).", weights="cart 1"
)
KINDS_LEFT_OUT = Sentence(
    "Where the outcome is one of {kinds}, nothing came of it, so the row is no event.", kinds="impression"
)
NO_WEIGHT = Sentence(
    "Rows without a weight above 0 are left out: {count}, such as row {rows}.", count="12", rows="17, 18"
)
TOO_FEW = Sentence(
    "Only {events} events of {users} users with {items} items are left, and at least {least} events of 2 users with 2 "
    "items are needed. Bring more, or check the roles.",
    events="12",
    users="3",
    items="4",
    least=30,
)
FEW = Sentence(
    "{events} events of {users} users with {items} items are few: differences between wirings can hardly be told from "
    "chance.",
    events="600",
    users="30",
    items="40",
)
REPEATS = Sentence(
    "{share} of the events repeat a user and an item. They are kept, unless only the first of each is to "
    "count (--repeats once).",
    share="40%",
)
SAME_MOMENT = Sentence(
    "Events with the same user, item and time as another: {count}. Take them out if they are copies.", count="12"
)
FUTURE = Sentence("The last event is on {day}, which is still to come. Check how times are read.", day="2106-02-07")
CONFLICTS = Sentence(
    "Items within which {column} differs: {count}, such as {example}. Each gets the commonest value of its training "
    "events.",
    column="brand",
    count="12",
    example="'i7'",
)
WOULD_GIVE_AWAY = Sentence(
    "{column} alone tells the item of {share} of the rows. Leave it out unless it is known before the item is.",
    column="shelf",
    share="93%",
)
NO_NUMBER = Sentence(
    "Cells of {column} that are no numbers count as missing: {count}, such as {example} in row {rows}.",
    column="price",
    count="12",
    example="'free'",
    rows="17",
)
NO_KEY_COLUMN = Sentence(
    "No column of the {table} names the {role}; give one that role (--role {table}.COLUMN={role}).",
    table="items",
    role="item",
)
SEVERAL_ROWS = Sentence(
    "Keys that come in several rows: {count}, such as the {role} {example}. The first row of each counts.",
    count="12",
    role="item",
    example="'i7'",
)
NO_KEY_AGREES = Sentence(
    "No {role} of the events is in column {column} of the {table}; give that role to another (--role "
    "{table}.COLUMN={role}).",
    role="item",
    column="id",
    table="items",
)
UNSEEN = Sentence(
    "Of the {role}s of the events, {count} with {events} are not in the table of {table}. Their features count as "
    "missing.",
    count="12",
    role="item",
    table="items",
    events="340 events",
)

# what a draft will be

SEEN = Sentence(
    "There are {events} of {users} with {items}.", events="1,200 events", users="80 users", items="150 items"
)
PART_IN_TIME = {
    "train": Sentence(
        "Trained on: {events} of {users}, {first} to {last}.",
        events="1,000 events",
        users="80 users",
        first="2026-01-01",
        last="2026-10-01",
    ),
    "validation": Sentence(
        "Validated with: {events} of {users}, {first} to {last}.",
        events="60 events",
        users="20 users",
        first="2026-10-02",
        last="2026-10-20",
    ),
    "test": Sentence(
        "Tested with: {events} of {users}, {first} to {last}.",
        events="120 events",
        users="30 users",
        first="2026-10-21",
        last="2026-11-27",
    ),
}
PART = {
    "train": Sentence("Trained on: {events} of {users}.", events="1,000 events", users="80 users"),
    "validation": Sentence("Validated with: {events} of {users}.", events="60 events", users="20 users"),
    "test": Sentence("Tested with: {events} of {users}.", events="120 events", users="30 users"),
}
FIELDS_OF = {
    "query": Sentence("Fields of a query, beside the user and the time: {fields}.", fields="age and store"),
    "item": Sentence("Fields of an item, beside its id: {fields}.", fields="brand and price"),
}
ONLY_ID = {
    "query": Sentence("A query has no fields beside the user and the time."),
    "item": Sentence("An item has no field beside its id, so crosses have little to work with there."),
}
REPEATED = Sentence("{share} of the events repeat a user and an item.", share="40%")
NEW = Sentence(
    "Of the test events, {items} are of an item that training never saw, and {users} are of a user that "
    "training never saw.",
    items="1.2%",
    users="0.5%",
)
POPULARITY_FINDS = Sentence(
    "The {k} most popular items hold {share} of the test events, as a mean over users: what any model has to beat.",
    k=100,
    share="15.1%",
)

# well-known data sets

NOT_KNOWN = Sentence("expected one of {known}, got {name}", known="movielens-100k, insteval", name="'movielens'")
BY_HAND = Sentence(
    "{title} can't be fetched without an account. Get it at {place}, and give the file with: python -m pdcn data add "
    "{name} --accept --from FILE",
    title="Ta-Feng grocery shopping",
    place="https://www.kaggle.com",
    name="ta-feng",
)
NOT_THIS = Sentence(
    "{file} is not {title} ({why}).", file="'films.zip'", title="MovieLens 100K", why="File is not a zip file"
)
NOT_INSIDE = Sentence("no {name} inside", name="u.data")
OTHER_ROWS = Sentence("its rows have other columns")
NOT_REACHED = Sentence(
    "{place} does not give it ({why}). Fetch it another way, and give the file with --from FILE.",
    place="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
    why="timed out",
)
OTHER_CONTENT = Sentence(
    "{place} gave another file than expected (SHA-256 {got} instead of {expected}), so it was thrown away.",
    place="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
    expected="50d2a982c669",
    got="9ddecb6cffd7",
)
CERTIFICATE = Sentence("The certificate of the place is not valid. Its file is checked by its SHA-256 instead.")
DOWNLOADING = Sentence("downloading")
TOO_LONG, CUT_OFF = Sentence("it is too large"), Sentence("it was cut off")
TERMS_MOVIELENS = Sentence(
    "MovieLens is a data set of GroupLens, University of Minnesota, for research and teaching. You may not pass it on, "
    "nor use it for revenue, without their permission. Publications name Harper and Konstan (2015), ACM TiiS 5(4), 19."
)
TERMS_TA_FENG = Sentence(
    "Ta-Feng is a supermarket's log of four months, 2000 to 2001, given out for research. No licence is stated, so "
    "don't pass it on."
)
TERMS_INSTEVAL = Sentence(
    "InstEval holds ratings of lectures at ETH Zürich, made anonymous. It comes with the R package lme4, under the "
    "GPL, version 2 or later."
)
KNOWN_NOTE = Sentence(
    "{title}, imported on {day}. {split}",
    title="MovieLens 100K",
    day="2026-11-27",
    split="The latest events are the test part.",
)
