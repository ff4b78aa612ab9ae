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
PARAMETERS = Sentence("dense parameters")
SPEED = Sentence("examples/s")
DIVERGED = Sentence("diverged")
DIFFERENCES = Sentence("Each arm minus {against}: {metric}", against="sequential", metric="recall@100 (points)")
DIFFERENCES_ALL = Sentence("{arm} minus {against}", arm="parallel", against="sequential")
OTHERS = Sentence(
    "Each arm minus {against}: the other metrics. An asterisk marks a detectable difference.", against="sequential"
)
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
