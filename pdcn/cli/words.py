"""Every sentence of the command line about runs, and the names of its columns."""

from pdcn.words import Sentence

DATA = Sentence(
    "{title}: {events} events, {items} items, {users} test users; {device}",
    title="The Complete Journey",
    events="194,300",
    items="2,159",
    users="389",
    device="cpu",
)
LEVELS = Sentence("{metric} (%)", metric="recall")
ARM = Sentence("arm")
TYPED = Sentence("in --arms")
PARAMETERS = Sentence("dense parameters")
SPEED = Sentence("examples/s")
DIVERGED = Sentence("diverged")
DIFFERENCES = Sentence("Each arm minus {against}: {metric}", against="sequential", metric="recall@100 (points)")
DIFFERENCES_ALL = Sentence("{arm} minus {against}", arm="parallel", against="sequential")
OTHERS = Sentence(
    "Each arm minus {against}: the other metrics. An asterisk marks a detectable difference.", against="sequential"
)
IN_PARTS = Sentence(
    "Outcomes and parts of those that the verdict is about: {metric}, and the difference to {against}",
    metric="recall@100",
    against="sequential",
)
PART = Sentence("of")
PARTS = {"outcomes": Sentence("outcome"), "surfaces": Sentence("surface"), "advertisers": Sentence("advertisers")}
STABILITY = Sentence("What two seeds of an arm have in common of the first {k} items, by users", k=20)
USERS_WITH = Sentence("with")
CONVERSIONS = {"few": Sentence("few conversions"), "many": Sentence("many conversions")}
METRIC = Sentence("metric")
DIFFERENCE = Sentence("difference")
PERCENT = Sentence("percent")
INTERVAL = Sentence("95% interval")
CHANCE = Sentence("p")
VERDICT = Sentence("verdict")
POINTS = Sentence("{metric} (points)", metric="recall@100")
KEPT = Sentence("Kept in {folder}", folder="`runs`")

ONE_ARM = Sentence(
    "Only {arm} is trained, so there is nothing to compare it with. Name two arms or more to compare them, such as "
    "--arms parallel,sequential.",
    arm="parallel",
)

SETTING, EVENTS, ITEMS, USERS = (Sentence(name) for name in ("setting", "events", "items", "users"))
RUN, SOURCE, ARMS, SEEDS, STATE = (Sentence(name) for name in ("run", "data", "arms", "seeds", "state"))
NO_RUNS = Sentence("No runs yet. Make one: python -m pdcn compare --quick")
NO_RUN = Sentence("{entry} is not a run: {why}.", entry="`runs/notes`", why="it has no experiment.json")
IN_BIN = Sentence("{run} is in the bin.", run="20261126-101010-abcd")

# tables of every command

FROM, TO = Sentence("from"), Sentence("to")
RATE = Sentence("rate")
NAME, QUESTION, SETTINGS = Sentence("name"), Sentence("question"), Sentence("settings")
MINUS = Sentence("minus")
IN_POINTS = Sentence("points")
STARTING = Sentence("starting")
WRITTEN = Sentence("Written to {file}", file="`record.json`")
WRITTEN_AS = Sentence("Written to {file}: {what}", file="`taken/csv`", what="Every table of the run.")
STATE_OF_KIND = Sentence("{state} ({kind})", state="done", kind="calibration")
NOTE = Sentence("{source}: {note}", source="journey", note="Grocery purchases of one year.")
NO_RESULT = Sentence(
    "{run} has no result: {state}, {last}",
    run="20261126-101010-abcd",
    state="failed",
    last="The machine ran out of memory.",
)

# data

NAME_IT = Sentence("--name: expected a name for the data, or --look to keep nothing")
PROBLEM = Sentence("{level}: {why}", level="Warning", why="12 rows have no user.")
PROBLEM_LEVELS = {"error": Sentence("Error"), "warning": Sentence("Warning"), "note": Sentence("Note")}
TABLE_OF, COLUMN, ROLE = Sentence("table"), Sentence("column"), Sentence("role")
REASON, EXAMPLES = Sentence("why"), Sentence("examples")
PEOPLE, FROM_FILES, IMPORTED_ON = Sentence("users"), Sentence("from"), Sentence("imported")
IMPORTED = Sentence("Imported. Compare on it with: python -m pdcn compare --data {name} --quick", name="mine")
NOT_PUBLISHED = Sentence(
    "{file} is not the file that was published, by its SHA-256. It was read all the same.", file="'films.zip'"
)
FILE_CHANGED = Sentence(
    "{name}: {file} has changed since it was imported. Import it again with --replace to use it as it is now.",
    name="mine",
    file="log.csv",
)
NO_OWN_DATA = Sentence("No data of your own yet. Import some: python -m pdcn data import FILE --name NAME")
KNOWN_DATA = Sentence(
    "data add: expected one of {known}, got {name}", known="movielens-100k, insteval", name="'movielens'"
)
TERMS = Sentence(
    "{title}: {terms} See {place}",
    title="MovieLens 100K",
    terms="You may not pass it on.",
    place="https://grouplens.org/datasets/movielens/100k/",
)
ACCEPT = Sentence("--accept: expected, because the data has terms; read them and give it if you accept them")
READING_FILES, LOOKING = Sentence("reading the files"), Sentence("looking for problems")
PREVIEWING, IMPORTING = Sentence("making the preview"), Sentence("importing")
OWN_DATA_TOO = Sentence("Data of your own: python -m pdcn data list, or import some: python -m pdcn data import --help")
DELETED = Sentence("{name} is deleted.", name="mine")

# inspect

TABLE = Sentence(
    "{analysis}, table {table}: {rows} rows in {file}",
    analysis="crosses",
    table="blocks",
    rows="1,024",
    file="`blocks.parquet`",
)
NOT_WORKED_OUT = Sentence("{analysis}: {why}", analysis="crosses", why="This run has no weights.")
WAITS = Sentence("{phase}, so that it does not disturb the clock.", phase="Waiting for another analysis")

# bench

TIMED = Sentence(
    "Measured on {machine} ({device}) on {when}, by {clock}, with torch {torch}. Meanwhile, other programs used "
    "{others} of the cores.",
    machine="x86_64, 2 cores",
    device="cpu",
    when="26 Nov 2026 18:30",
    clock="the processor's clock",
    torch="2.13.0",
    others="3%",
)
TIMED_ELSEWHERE = Sentence(
    "Measured on another machine, {machine} ({device}), on {when}, by {clock}, with torch {torch}. Meanwhile, other "
    "programs used {others} of its cores.",
    machine="x86_64, 64 cores",
    device="cpu",
    when="26 Nov 2026 18:30",
    clock="the processor's clock",
    torch="2.13.0",
    others="3%",
)
TOWERS = {"query": Sentence("Query tower"), "item": Sentence("Item tower")}
OF_TOWER = Sentence("{tower}. {sentence}", tower="Query tower", sentence="We measured no time saved.")
TOWER_TIMES = Sentence(
    "{tower}, x0 of width {width}, {threads}: median time of a call", tower="Query tower", width=184, threads="1 thread"
)
HIDDEN = Sentence(
    "Towers of other widths, {threads}: the share of the shorter branch's time that the best form hides. At {free} and "
    "more, side by side costs no extra time; from {little}, it costs a little.",
    threads="1 thread",
    free="80%",
    little="20%",
)
SEARCH_TIMES = Sentence(
    "From a query to the first {k} of {items} items, {threads}: median time of a call, the share of the exact list "
    "that is found, and recall",
    k=100,
    items="2,159",
    threads="1 thread",
)
WAY_TO_RUN, WIDTH, SEARCHED_WITH = Sentence("form"), Sentence("width"), Sentence("search")
FOUND, RECALL = Sentence("found"), Sentence("recall")
BATCH = Sentence("batch {batch}", batch="1,024")
LEFT_OUT = Sentence("Not measured: {form} ({why}).", form="compiled", why="this machine has one core")
KEPT_TIMES = Sentence("Kept in {folder}. Delete that folder to measure again.", folder="`latency`")
READING = Sentence("reading the data")
SPEEDS = Sentence(
    "Measured on {machine} ({device}). The ways take turns, and each number is the median of {rounds}.",
    machine="x86_64, 2 cores",
    device="cpu",
    rounds="7 rounds",
)
SPEED_HEADS = {
    "arm": ARM,
    "way": Sentence("way"),
    "candidates": Sentence("candidates"),
    "seeds": SEEDS,
    "of_floor": Sentence("of floor"),
    "of_plain": Sentence("of plain"),
    "peak": Sentence("peak GB"),
}
UNITS = {"train": SPEED, "evaluate": Sentence("scores/s"), "candidates": Sentence("µs a query")}
MILLIONS = Sentence("{count} M", count="196.1")

# retrieval, then ranking

STAGE, STAGE_TIME = Sentence("stage"), Sentence("µs a query")
RETRIEVED_WITH = Sentence("retrieved with {arm}", arm="parallel")
RERANKED_WITH = Sentence("ranked with {arm}", arm="sequential")
ABOUT_PIPELINE = Sentence(
    "{title}: {candidates} candidates of {items} items for {events} test events of {users} users; {seeds}.",
    title="Planted crosses",
    candidates="100",
    items="1,000",
    events="1,000",
    users="640",
    seeds="3 seeds",
)
CEILING = Sentence(
    "The chosen item is among the candidates of {share} of the events. No ranking can do better.", share="72.4%"
)
STAGE_CHANGES = Sentence("Ranking minus retrieval alone, 95% interval over users and seeds")

# study

PAPER = Sentence("Do we find what the DCN-V2 paper found?")
OF_RACE = Sentence("{race}: ", race="planted crosses, strength 3")
COMPRESSED = Sentence("What does a projection of a sequence keep, and what does it cost?")
TAKES_AT_MOST = Sentence("At most about {time} on this machine.", time="40 min")
READ_BY, PROJECTED, MLP = Sentence("actions read by"), Sentence("width of x0"), Sentence("MLP")
LATENCY_OF = Sentence("µs, {batch} a call", batch=64)
AGAINST_WHOLE = Sentence("against all")
FITTING = Sentence("{target}, {model}, {layers}", target="f1", model="DCN-V2", layers="1 layer")
FUNCTION, MODEL, LAYERS = Sentence("function"), Sentence("model"), Sentence("layers")
WEIGHTS, ERROR, PUBLISHED = Sentence("parameters"), Sentence("RMSE"), Sentence("published")

# calibrate

STUDY, STUDIES = Sentence("study"), Sentence("studies")
MEAN_POINTS, CLAIMS = Sentence("mean points"), Sentence("claims")

# bundle

THERE = Sentence("is there")
CHECKED = Sentence("checked")
TO_MAKE = Sentence(
    "{steps} of {all} to make. At the speed measured before, that takes about {time} on {machine}.",
    steps="3 steps",
    all=20,
    time="62 min",
    machine="x86_64, 2 cores",
)
NOTHING_TO_MAKE = Sentence("All {all} are there. Nothing is left to make.", all="20 steps")
MAKING = Sentence("{place} of {all}: {step}, about {time}", place=1, all=3, step="showcase", time="10 min")
MISSED = Sentence(
    "{step} {why}. The command was {command}",
    step="showcase",
    why="ended with exit code 1",
    command="`python -m pdcn showcase`",
)
MADE = Sentence("{made} of {steps} made in {time}.", made=2, steps="3 steps", time="12 min")
NOT_THERE = Sentence("{step}: nothing is there to check.", step="showcase")
AGREES = Sentence(
    "{step}: the same, as far as it was checked. {what}",
    step="showcase",
    what="Parallel from seed 0 was trained anew, and its weights and ranks compared.",
)
DIFFERS = Sentence(
    "{step}: not the same. {what} Another processor or torch rounds otherwise, so this alone does not tell whether the "
    "code is to blame.",
    step="cause",
    what="Sequential was trained anew.",
)
UNCHECKED = Sentence("{step}: no part of it can be checked alone. Only making it tells.", step="spread")
KNOWN = Sentence("{known} of {all} are made or checked with this code.", known=11, all="18 steps")
NOT_MADE = Sentence("Not made: {steps}. Run the same command to try again.", steps="showcase, spread")

# help

PROGRAM = Sentence("Compare two wirings in two-tower retrieval models: side by side, or one after the other.")
HELP = {
    "compare": Sentence("train the arms and compare them"),
    "inspect": Sentence("look inside a run"),
    "export": Sentence("take a run's tables, towers or index to work"),
    "report": Sentence("write a run as a file for a meeting"),
    "bench": Sentence("measure speed on this machine"),
    "data": Sentence("list the data sources and their sizes, or bring your own data"),
    "import": Sentence("import your own data from a file"),
    "list": Sentence("list the data that you imported"),
    "add": Sentence("import a well-known data set: movielens-100k, movielens-1m, ta-feng or insteval"),
    "delete": Sentence("delete data that you imported, for good"),
    "runs": Sentence("list, show or delete runs, or go on with one that was cut short on other machines"),
    "node": Sentence("make this machine one of a cluster that trains for --executor ray"),
    "study": Sentence("answer one of the open questions"),
    "calibrate": Sentence("measure how often the verdict is wrong"),
    "showcase": Sentence("make the showcase run again"),
    "bundle": Sentence("make everything again that the project ships as evidence"),
    "latency": Sentence("measure what each wiring costs to serve"),
    "train": Sentence("measure how fast arms train"),
    "evaluate": Sentence("measure how fast test events are ranked"),
    "candidates": Sentence("measure what scoring the candidates of one query costs"),
    "pipeline": Sentence("rerank what one run retrieves with another run's network"),
}
ABOUT = {
    "data": Sentence(
        "Without a word behind it, lists the data sources and their sizes. Otherwise it sees to your data."
    ),
    "import": Sentence(
        "Reads a table of events, and tables of users and items where you have them. It guesses the role of every "
        "column, says what is wrong with the data, and shows what comes of it. Then it keeps it under a name. Files "
        "may be CSV, Parquet, Arrow, DuckDB or SQLite, packed or not. A table within a database is named behind two "
        "colons, as in shop.sqlite::orders."
    ),
    "list": Sentence("Lists the data that you imported, and says which files have changed since."),
    "add": Sentence(
        "Shows the terms of a well-known data set. With --accept, it downloads the data, or takes your own file of it, "
        "and imports it."
    ),
    "delete": Sentence("Deletes data that you imported, with what was prepared of it. Runs keep their results."),
    "compare": Sentence("Trains the arms, ranks the test events and says whether the arms differ."),
    "inspect": Sentence(
        "Computes what the pages that look inside show of a run. It keeps the tables with the run and prints where."
    ),
    "node": Sentence(
        "Starts Ray on this machine until Ctrl-C, with a token and caps on memory and logs. The first machine writes "
        "the token, and answers only itself unless --host says otherwise. Every other machine needs a copy of that "
        "file, and names the first one with --join. The token keeps strangers out, and encrypts nothing."
    ),
    "export": Sentence(
        "Writes parts of a run, each to a folder of its own. Without --to, it writes csv and parquet (every table), "
        "weights, pytorch, onnx, faiss (the item index) and experiment. The model is that of the winning arm. It "
        "also writes for trackers: mlflow, wandb-offline and tensorboard."
    ),
    "report": Sentence(
        "Writes the question, the verdict, the curve, the cost, the reason and the caveats of a run to one file. An "
        "HTML file has figures that one can point at, and needs no network. PDF and PNG are a card of one page."
    ),
    "study": Sentence("Trains what is still missing to answer a question. Without a name, it lists the questions."),
    "calibrate": Sentence(
        "Runs many small studies whose truth is known. In some, a wiring races against itself; in others, a difference "
        "is planted. The settings start from a small preset of the data source."
    ),
    "showcase": Sentence(
        "Trains the default settings on the processor and computes everything that the pages show of the run. It times "
        "the towers on this machine. Everything goes into a new folder. This takes about ten minutes on two quiet "
        "cores."
    ),
    "bundle": Sentence(
        "Makes the showcase, every finding, the calibrations and the tables, each by its own command. This takes "
        "hours, and the command says how many before it begins. It keeps what the same code made before, so it goes on "
        "where it was stopped. With --check, it takes minutes: one arm of each step is trained anew with today's code."
    ),
    "latency": Sentence(
        "Times the towers of a run on this machine: part by part, in every form, and with the search behind them. It "
        "keeps the times with the run."
    ),
    "train": Sentence(
        "Measures how many examples per second each arm trains on. A plain loop and the matrix products alone are "
        "measured beside it."
    ),
    "evaluate": Sentence(
        "Measures how many scores per second a ranking computes. The matrix product alone is measured beside it."
    ),
    "candidates": Sentence(
        "Measures how long it takes to score 1,000 candidates of one query. A dot product with stored vectors is "
        "measured beside a joint network."
    ),
    "pipeline": Sentence(
        "Takes the candidates that the towers of one run find for each test event, and ranks them again with the "
        "networks of another run. It tells recall and NDCG after each stage, and how long each takes."
    ),
}
OPTIONS = {
    "retrieval": Sentence("the run whose towers find candidates"),
    "ranking": Sentence("the run whose networks rank them"),
    "retrieval arm": Sentence("the arm that finds candidates (default: the first of its run)"),
    "candidates": Sentence("how many candidates are ranked again (default 100)"),
    "pipeline events": Sentence("how many test events are looked at (default 1000)"),
    "events": Sentence("the file with one event in each row"),
    "users": Sentence("a file with one user in each row"),
    "items": Sentence("a file with one item in each row"),
    "data name": Sentence("the name by which --data finds it: small letters, digits, hyphens"),
    "its name": Sentence("the name of the data"),
    "role": Sentence(
        "the role of a column, users.COLUMN or items.COLUMN in the other files: user, item, time, kind, value, weight, "
        "leave-out, query, item-feature, number, quantiles, category, multi or text; multi:; says what separates "
        "values, and number:plain, number:ln or number:log1p which logarithm is taken (default: by how numbers spread)"
    ),
    "split": Sentence("how the test part is chosen (default: time, or random where no column has a time)"),
    "cuts": Sentence(
        "the two dates, or times, from which events validate and from which they test, such as 2026-10-02 2026-10-21 "
        "(default: the latest tenth of the events tests, and the twentieth before it validates)"
    ),
    "repeats": Sentence("whether a user's later events with the same item are kept (default: keep)"),
    "positive": Sentence("the rating from which a row is an event, or all (default: the upper part of the scale)"),
    "kinds": Sentence("how much an outcome weighs; 0 leaves it out"),
    "encoding": Sentence("how the letters of the files are written, such as latin-1 (default: found out)"),
    "known": Sentence("movielens-100k, movielens-1m, ta-feng or insteval"),
    "accept": Sentence("you accept the terms that are shown"),
    "from": Sentence("a file that you have already, instead of a download"),
    "keep as": Sentence("another name to keep it under"),
    "look": Sentence("only show roles, problems and a preview"),
    "replace": Sentence("replace the data of that name"),
    "json": Sentence("print one JSON object and nothing else"),
    "copy": Sentence("copy the run's folder to this folder"),
    "run": Sentence("the name or folder of a run (default: the showcase)"),
    "name of a run": Sentence("the name of a run"),
    "kind": Sentence("only this analysis; give it several times for several"),
    "set": Sentence("a setting of an analysis"),
    "report": Sentence("the file, which ends with .html, .pdf or .png"),
    "batch": Sentence("the batch size whose latency is told (default 1)"),
    "tables": Sentence("write every table to this folder, as CSV"),
    "to": Sentence("what to write; commas separate several"),
    "parts": Sentence("the folder to write to"),
    "arm": Sentence("whose towers (default: the arm with the best result)"),
    "its seed": Sentence("the seed of its training (default: its best on validation)"),
    "record": Sentence("write the record to this file, as JSON"),
    "finding": Sentence("the name of a question"),
    "studies": Sentence("the number of studies (default 100)"),
    "new folder": Sentence("the new folder"),
    "shipped": Sentence("the folder; the project ships the one named data"),
    "check": Sentence("make nothing; train a small part of each step anew, and keep whether it came out the same"),
    "keep": Sentence("a record of the study; its races are not run again"),
    "fewer": Sentence("fewer batch sizes and widths, no made-up items"),
    "compiled": Sentence("compiled forms too; takes a few minutes more and needs a C++ compiler"),
    "batches": Sentence("batch sizes (default 1,4,16,64,256,1024,4096)"),
    "threads": Sentence("threads that one operation may use (default: 1 and all cores)"),
    "rounds": Sentence("how many times each way is measured (default 7)"),
    "steps": Sentence("training steps in each round (default 20)"),
    "quick": Sentence("the smallest honest setting"),
    "config": Sentence("start from an experiment.json"),
    "timing device": Sentence("auto, cpu or cuda"),
    "device": Sentence("auto, cpu, cuda or mps"),
    "executor": Sentence(
        "who trains: local, ray (a cluster of which this machine is the first), or ray://HOST:PORT, with ?gpus=1 "
        "behind it for a GPU a training (default: PDCN_EXECUTOR, or local)"
    ),
    "host": Sentence("the address of this machine by which others reach it (default: none do)"),
    "port": Sentence("the port that takes work; the one below it is for other machines"),
    "join": Sentence("HOST or HOST:PORT of the first machine"),
    "cpus": Sentence("trainings that this machine takes on its cores at once (default: one a core)"),
    "gpus": Sentence("GPUs that it offers (default: all)"),
}
OF_QUERY = Sentence("the query's")
OPTION = Sentence(
    "{label}. {help} Give {expected}. The default is {default}.",
    label="Epochs",
    help="The most passes over the training events.",
    expected="a whole number between 1 and 200",
    default="30",
)
A_KEY_AMONG = Sentence("a key among {keys}", keys="points, seed")
THE_KEY = Sentence("the key {key}", key="events")

# what is said where an option is wrong

NO_VALUE = Sentence("{option}: expected a value, got '--'", option="--arms")
NOT_WHOLE = Sentence(
    "--{option}: expected a whole number from 1 to {most}, got {value}", option="rounds", most=99, value="'many'"
)
NO_SEED = Sentence("--seed: expected a whole number, got {value}", value="'best'")
NO_CONFIG = Sentence(
    "--config: expected a readable experiment.json, got {file} ({why})",
    file="'experiment.txt'",
    why="No such file or directory",
)
NO_SETTINGS = Sentence(
    "--set: expected none, since {analyses} has no settings, got {word}", analyses="crosses", word="'events=512'"
)
NOT_KEY_VALUE = Sentence(
    "--set: expected KEY=VALUE with {key}, got {word}", key="a key among points, seed", word="'events'"
)
NOT_TRUE_OR_FALSE = Sentence("--set: expected {key} true or false, got {value}", key="compiled", value="'yes'")
UNLIKE_DEFAULT = Sentence(
    "--set: expected {key} like {default}, got {value}", key="events", default=2_048, value="'all'"
)
OUT_OF_BOUNDS = Sentence(
    "--set: expected {key} between {low} and {high}, got {value}", key="events", low=1, high=65_536, value="'0'"
)
NOTHING_BEHIND_LIST = Sentence(
    "runs list: expected nothing behind it, got {value}; see one run with runs show {run}",
    value="'20261126-101010-abcd'",
    run="20261126-101010-abcd",
)
NAME_A_RUN = Sentence("runs {action}: expected the name of a run; list them with python -m pdcn runs", action="show")
NO_SUCH_FORM = Sentence(
    "--out: expected a file that ends with {forms}, got {file}", forms=".html, .pdf, .png", file="'report.doc'"
)
NOT_WRITTEN = Sentence(
    "--out: expected a file that can be written, got {file} ({why})", file="'report.html'", why="Permission denied"
)
FOLDER_NOT_EMPTY = Sentence("--out: expected a new or empty folder, got {folder}", folder="'taken'")
FOLDER_NOT_MADE = Sentence(
    "--out: expected a folder that can be made, got {folder} ({why})", folder="'taken'", why="Permission denied"
)
NO_SUCH_STUDY = Sentence("study: expected one of {known}, got {name}", known="cause, data", name="'causes'")
NOT_A_RECORD = Sentence("--keep: expected a file that `study --out` wrote, got {file}", file="'cause.csv'")
ONE_ARM_TWO_SEEDS = Sentence("calibrate: expected one arm and at least two seeds; the arm races against itself")
TWO_TOWERS = Sentence("--task: expected a task of two towers to measure, got {task}", task="ranking")
A_NUMBER = Sentence("expected a number")
