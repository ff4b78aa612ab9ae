"""What the measurements inside the towers say, in sentences: what is kept of the input, and recall without a part."""

from __future__ import annotations

from pdcn.words import Sentence

# the work
WORKING = "probing the towers and muting their branches"
PROBING, MUTING, SHARING = "probing the towers", "muting branches", "following the branches through training"

# how probes are judged
USERS, EVENTS, ITEMS = "users never seen", "events never seen", "items never seen"
SEVERAL_VALUES = "holds several values at once, which no single probe reads"
ONE_VALUE = "does not vary in these rows"
HARDLY_TWICE = "its values hardly come twice, so no probe can be judged on rows that it never saw"
LOPSIDED = Sentence("fewer than {rows} of the judged rows have another value than the commonest", rows=30)

# what a sequence is asked for
LATEST = "Latest action"
LAST = Sentence("Latest: {channel}", channel="Type")
MANY, TASTE = "How many actions", "Taste (the truth)"

# what the outputs keep
NO_SEED_IN_COMMON = Sentence(
    "{arm} and {other} have no seed in common, so they are not compared.", arm="Parallel", other="sequential"
)
KEPT = {
    "more": Sentence(
        "The {side} tower keeps more of its input in {arm} ({one}) than in {other} ({two}). That is {difference} "
        "points, 95% interval {interval}.",
        side="query",
        arm="parallel",
        one="28.0%",
        other="sequential",
        two="16.8%",
        difference="+11.16",
        interval="[+2.26, +19.92]",
    ),
    "less": Sentence(
        "The {side} tower keeps less of its input in {arm} ({one}) than in {other} ({two}). That is {difference} "
        "points, 95% interval {interval}.",
        side="query",
        arm="sequential",
        one="16.8%",
        other="parallel",
        two="28.0%",
        difference="−11.16",
        interval="[−19.92, −2.26]",
    ),
    "alike": Sentence(
        "No detectable difference in what the {side} towers keep of their input: {arm} {one}, {other} {two}. That is "
        "{difference} points, 95% interval {interval}.",
        side="query",
        arm="parallel",
        one="28.0%",
        other="sequential",
        two="27.1%",
        difference="+0.90",
        interval="[−2.26, +4.06]",
    ),
    "one seed": Sentence(
        "The {side} tower keeps {one} of its input in {arm} and {two} in {other} ({difference} points). One seed "
        "cannot tell whether another would say the same.",
        side="query",
        arm="parallel",
        one="28.0%",
        other="sequential",
        two="16.8%",
        difference="+11.16",
    ),
}
MEANS = Sentence("The output's shares are means over {fields} and {seeds}.", fields="23 fields", seeds="3 seeds")
BEFORE = Sentence(
    "Before training the outputs kept {one} in {arm} and {two} in {other}: {difference} points.",
    one="60.9%",
    arm="parallel",
    two="36.9%",
    other="sequential",
    difference="+24.03",
)
DEEP_READS = Sentence("The deep network of {arm} reads {point} ({kept} kept).", arm="parallel", point="x0", kept="100%")
STAGE = Sentence("{stage} {kept}", stage="x0", kept="100%")
WAY_UP = Sentence("On the way up {arm} keeps {stages}.", arm="parallel", stages="x0 100% → Concat 61% → Output 28%")
STEEPEST = Sentence(
    "On the way up {arm} keeps {stages}. The steepest fall is from {first} to {second}.",
    arm="parallel",
    stages="x0 100% → Concat 61% → Output 28%",
    first="x0",
    second="Concat",
)

# recall without a part
INTACT = "intact"
NEXT_SEED = "intact, next seed"
ALONE = {"cross": "cross alone", "deep": "deep alone"}
BYPASSED = "crosses bypassed"
MUTED = Sentence("{branch} branch muted", branch="deep")
MUTED_EXPERT = Sentence("{expert} muted", expert="expert 2")
CHANGES = Sentence("Recall@{k} changes like this (points, 95% intervals):", k=100)
CHANGES_OF_ONE_SEED = Sentence(
    "Recall@{k} changes like this (points; one seed cannot tell whether another would say the same):", k=100
)
CHANGE = Sentence("- {change}: {arms}", change="Deep branch muted", arms="parallel −1.36 [−3.93, +1.18]")
OF_ARM = Sentence("{arm} {points} {interval}", arm="parallel", points="−1.36", interval="[−3.93, +1.18]")
OF_ARM_ONE_SEED = Sentence("{arm} {points}", arm="parallel", points="−1.36")
NOT_DETECTABLE = Sentence("{change}, no detectable difference", change="parallel −1.36 [−3.93, +1.18]")
NOT_AFTER_ALL = Sentence(
    "{change}, not significant after testing every row (Holm)", change="sequential −2.00 [−4.00, −0.10]"
)
