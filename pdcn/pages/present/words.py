"""Every sentence of the Present page."""

from __future__ import annotations

from pdcn.words import Sentence

SLIDES = {
    "question": Sentence("Question"),
    "lists": Sentence("Two lists"),
    "curve": Sentence("Verdict"),
    "why": Sentence("Why"),
    "cost": Sentence("Cost"),
    "decision": Sentence("Decision"),
}
"""What the slides are called, by the names that the address has for them."""
SLIDE = "Slide"
LISTING = "asking both models about one typical event"

# the bar below a slide

BAR = {
    "bar": Sentence("Slides"),
    "back": Sentence("Back"),
    "on": Sentence("On"),
    "place": Sentence("{at} of {all}: {name}", at=2, all=6, name="Two lists"),
    "full": Sentence("Full screen"),
    "leave": Sentence("Leave"),
    "keys": Sentence("Arrow keys turn the slides, Home and End go to the first and the last, Escape leaves."),
}

# a run that can't be presented

NOTHING = "There is nothing to present yet."
BUSY = Sentence(
    "This run is still training. It can be presented when it has ended. Watch it on the Compare page, or present "
    "another run."
)
NO_RESULT = Sentence("This run ended before it had a result. Open another one on the Runs page.")

# the question

READS = Sentence("{arm}: {what}", arm="parallel", what="crosses and MLP read x0 side by side, and join behind it")

# two lists

WHO = Sentence(
    "On {date}, {who} {did} one of {count} {thing}s.",
    date="Sunday 26 November 2017, 20:43",
    who="a household",
    did="bought",
    count="2,159",
    thing="product",
)
RANKS = Sentence(
    "{left} puts it at place {left_rank}, {right} at place {right_rank}.",
    left="Parallel",
    left_rank="9",
    right="sequential",
    right_rank="14",
)
RANKS_ALIKE = Sentence("Both models put it at place {rank}.", rank="9")
CHOSEN_OF_SOME = Sentence(
    "A typical event, chosen by rule: where both models have the {thing} in their first {listed}, {ahead} is ahead "
    "more often, and this is its median lead. Over the {events} test events that were looked at, {left} is ahead in "
    "{left_share}, {right} in {right_share}.",
    thing="product",
    listed=100,
    ahead="parallel",
    events="200",
    left="parallel",
    left_share="51%",
    right="sequential",
    right_share="46%",
)
CHOSEN_BY_RULE = Sentence(
    "A typical event, chosen by rule: where both models have the {thing} in their first {listed}, {ahead} is ahead "
    "more often, and this is its median lead. Over all {events} test events, {left} is ahead in {left_share}, {right} "
    "in {right_share}.",
    thing="product",
    listed=100,
    ahead="parallel",
    events="17,718",
    left="parallel",
    left_share="51%",
    right="sequential",
    right_share="46%",
)
NEVER_APART = Sentence(
    "In no test event do the two models place the {thing} apart within their first {listed}. This is the event that "
    "both place best.",
    thing="product",
    listed=100,
)
MARKS = Sentence("○ in both lists, ● in this list only. Each list is one training.")
NO_LISTS_OF_ONE = Sentence("This run has one arm with weights, so there are no two lists to show.")
NO_SHARED_SEED = Sentence("The two arms have no seed in common, so no two lists can be put side by side.")
NO_WEIGHTS = Sentence("The weights of this run are gone, so there are no lists to show.")

# curve and verdict

NO_CURVE = Sentence("Nothing is known by K here, so there is no curve.")
AGAINST = Sentence("{metric}, minus {against}", metric="grouped AUC", against="sequential")
WHISKERS = Sentence("Bars are 95% intervals. A filled mark is detectable with all arms counted.")
HIGHER = Sentence("The higher, the more often the chosen {thing} is among the first K.", thing="product")
BANDS = Sentence("Bands: all seeds.")

# why

NO_ADVANTAGE = Sentence("This run found no advantage of {arm} that we could explain.", arm="parallel")

# cost

UNTIMED = Sentence("We don't know what a call costs: it was not timed in this run.")
TIMED_APART = Sentence("Each arm was timed by itself, so we don't know which is slower.")
TIMES = Sentence(
    "A call of {arm} takes {ratio} times as long as one of {against} {interval}.",
    arm="parallel",
    ratio="1.06",
    interval="[1.02, 1.11]",
    against="sequential",
)
ALIKE = Sentence(
    "We detect no difference in time between calls of {arm} and {against}: {ratio} times {interval}.",
    arm="parallel",
    against="sequential",
    ratio="1.00",
    interval="[0.98, 1.02]",
)
TIMES_THERE = Sentence(
    "This run was not timed. In the showcase, whose towers may differ, a call of {arm} takes {ratio} times as long as "
    "one of {against} {interval}.",
    arm="parallel",
    ratio="1.06",
    interval="[1.02, 1.11]",
    against="sequential",
)
ALIKE_THERE = Sentence(
    "This run was not timed. In the showcase, whose towers may differ, we detect no difference in time between {arm} "
    "and {against}: {ratio} times {interval}.",
    arm="parallel",
    against="sequential",
    ratio="1.00",
    interval="[0.98, 1.02]",
)
TIME_THERE = Sentence("Time of a call, in the showcase")
UNKNOWN = Sentence("not known")
COSTS = {
    "latency": Sentence("Time of a call"),
    "parameters": Sentence("Dense parameters"),
    "training": Sentence("Training, one seed"),
}
# decision

NEXT = Sentence("What would settle it: {what}", what="Train 8 seeds from the same settings.")
