"""Every sentence of the Story page."""

from __future__ import annotations

from pdcn.words import Sentence

TITLE = "One after the other, or side by side?"
LEAD = Sentence(
    "A shop must guess what you want next. Its model crosses facts about you: it multiplies them. It also mixes them "
    "in a deep network. **Should these two stand one after the other, or side by side?**"
)

# one shopper, one product

SHOPPER = "One shopper"
ASKED = Sentence(
    "**{date}**: {who} {did} **{item}**. Which of {count} {thing}s would a model have named?",
    date="Sunday 26 November 2017, 20:43 New York time",
    who="a household",
    did="bought",
    item="Paper towels",
    count="2,159",
    thing="product",
)
KNOWN = Sentence("What the model knows: {facts}.", facts="age 19-24, income 75-99K, store Store 319, hour 20 h")
FACT = Sentence("{label} {value}", label="age", value="19-24")
RANKS = Sentence(
    "Side by side puts it at place **{parallel}** of its list, one after the other at place **{sequential}**.",
    parallel=2,
    sequential=4,
)
TYPICAL = Sentence(
    "Where {ahead} is ahead, this is a typical lead. Side by side ranks the true {thing} higher in {left} of {events} "
    "test events, and lower in {right}.",
    ahead="side by side",
    thing="product",
    left="52%",
    events="17,718",
    right="44%",
)
MORE_SHOPPERS = "More shoppers"
SIDE = "Show the tower of the"
SIDES = {"query": Sentence("shopper"), "item": Sentence("product")}
AHEAD = {"sequential": Sentence("one after the other"), "parallel": Sentence("side by side")}
TOWERS = {"sequential": Sentence("One after the other"), "parallel": Sentence("Side by side")}
READ = Sentence(
    "A model has a tower for the shopper and one for the product. Read each from below: “157 → 64” takes in 157 "
    "numbers and puts out 64. A strip shows what a block puts out: blue above zero, orange below, neighbours in one "
    "cell. Point at a block for its equation, or choose one from the list."
)
EQUATIONS = {
    "embedding": Sentence("Each field's value is looked up: together they are x0."),
    "cross": Sentence("x0 · (W x + b) + x: x0 times a mix of the numbers x from below, plus x."),
    "deep": Sentence("max(0, W x + b): a mix of the numbers x from below, negative ones cut off."),
    "join": Sentence("The outputs of both networks, one after the other."),
    "head": Sentence("W x + b, then scaled to length 1."),
}
BLOCK = Sentence(
    "{equation}<br>Values: {values} …<br>{share} of this tower's parameters",
    equation="max(0, W x + b)",
    values="0.12, −0.40, 0.03, 0.81",
    share="34%",
)
LOOK_AT = "Block to look at"
CHOSEN = Sentence(
    "**{name}.** {equation} Values: {values} … It has {share} of this tower's parameters.",
    name="Cross 1",
    equation="x0 · (W x + b) + x: x0 times a mix of the numbers x from below, plus x.",
    values="0.12, −0.40, 0.03, 0.81",
    share="34%",
)
NO_SUCH_BLOCK = Sentence("**{name}.** This wiring has no such block.", name="Concat")
MEET = Sentence(
    "Both towers end in {width} numbers. Multiplied pair by pair and added up, they say how well shopper and {thing} "
    "fit: {parallel} side by side, {sequential} one after the other. Only the order within one model counts.",
    width=32,
    thing="product",
    parallel="0.62",
    sequential="0.50",
)
NUMBERS = "Every block with its equation and its numbers"
COLUMNS = {
    "wiring": "wiring",
    "name": "block",
    "said": "equation",
    "out": "numbers",
    "parameters": "parameters",
    "share": "share",
    "first": "first values",
}
SHOWCASE = Sentence(
    "These are the first trained models of the showcase run. The event was not chosen by hand. It has the median lead, "
    "of the events in which {ahead} is ahead and both models list the {thing} among their first {listed}. Among these "
    "the other wiring is ahead less often.",
    ahead="side by side",
    thing="product",
    listed=100,
)
ITS_DATA = "The data is described by its makers as simulated from real patterns and meant for education."

# what was reported, not stated, measured

CLAIM = "What was reported, what was not stated, what we measured"
REPORTED = "Reported"
REPORTED_POINTS = (
    Sentence("Pinterest wired the cross network beside the deep network, in both towers (27 April 2026)."),
    Sentence("**+11% offline recall@1000** on the conversion task."),
    Sentence("“Low latency”, and later use in all of its engagement retrieval models."),
)
NOT_STATED = "Not stated"
NOT_STATED_POINTS = (
    Sentence("Whether the new model was larger than the old one."),
    Sentence("How many trainings there were, and how far they spread."),
    Sentence("Depth, widths, and whether outputs were joined or added."),
    Sentence("Any latency, and what recall was measured on."),
)
MEASURED = "Measured here"
MEASURED_POINTS = (
    Sentence(
        "At equal size, on {group}: **{points} points** of recall@{k}, 95% interval {interval}; {seeds} seeds.",
        group="Journey (half)",
        points="+3.04",
        k=100,
        interval="[+1.90, +4.13]",
        seeds=5,
    ),
    Sentence(
        "Recall@1000 changes by {percent}. There, 1,000 items are {share} of the catalogue, so even a random list "
        "finds {share}.",
        percent="+1.0%",
        share="46%",
    ),
    Sentence(
        "Over {settings} of retrieval and ranking: better in {better}, worse in {worse}, no detectable difference in "
        "{same}.",
        settings="60 settings",
        better=25,
        worse=0,
        same=35,
    ),
)
UNITS = Sentence(
    "{recall} Points are percentage points of it. {interval} {group} is a year of purchases, by half of the "
    "households whose demographics are known.",
    recall="Recall@K is how often the chosen item is among the first K of the whole catalogue.",
    interval="The 95% interval is the range of true values that fit what was measured.",
    group="Journey (half)",
)
SOURCE = "Source: Pinterest Engineering, “From Clicks to Conversions”, 27 April 2026."

# the answer so far

ANSWER = "The answer so far"
ANSWER_HOW = Sentence(
    "To find the reason, we went from one wiring to the other and changed one thing at a time. A skip hands numbers on "
    "past the deep network (the MLP), unchanged; x0 is what goes into the tower."
)
STEPS = Sentence("Where the {points} points on {group} come from", points="+3.04", group="Journey (half)")
DOUBT = Sentence(
    "**The doubt:** trainings from other seeds differ, and the data is one grocery log and one made-up world. Yours "
    "may answer otherwise, so measure it."
)
ALL_ANSWERS = Sentence("All {count} questions and their answers", count=12)

# presets

PRESETS = "See it win, tie and lose"
PRESETS_LEAD = Sentence(
    "Each opens Compare with two wirings, ready to be trained from three random starts (seeds). The numbers here come "
    "from five seeds, with more wirings in the race."
)
WINS, TIES, LOSES = "It wins", "It ties", "It loses"
LOOK_FOR = {
    "wins": Sentence(
        "Made-up data with planted crosses, and a deep network of four narrow layers. Watch how much of its input such "
        "a network loses when it is the only way."
    ),
    "ties": Sentence(
        "Groceries and very small models. Watch the interval: where it holds zero, nobody can say which wiring is "
        "better."
    ),
    "loses": Sentence(
        "Ranking on planted crosses: one network reads shopper and product together, and scores one pair at a time. "
        "Watch which wiring is ahead now."
    ),
}
OUTCOME = Sentence(
    "{arm} minus {held}: {size}, 95% interval {interval}. We made {rows} such comparisons, and some look "
    "large by luck. Counting all of them, the verdict is: {verdict}.",
    arm="Parallel",
    held="sequential",
    size="+14.03 points of recall@100",
    interval="[+10.32, +17.80]",
    verdict="better",
    rows=28,
)
OPEN = "Open in Compare"

# three ways on

WAYS = "Three ways on"
TRY, TRY_WHY = (
    "Try it",
    Sentence("Train both wirings yourself, on these data or with other settings. It takes a minute."),
)
UNDERSTAND, UNDERSTAND_WHY = (
    "Understand it",
    Sentence("Make a cross by hand, and play with both wirings as they learn."),
)
LESSON = "New to this? Begin with lesson 1, What a cross is"
DECIDE, DECIDE_WHY = (
    "Decide",
    Sentence("One sheet: what the wiring gains, what it costs, how sure that is, and what is next."),
)
