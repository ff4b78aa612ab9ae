"""Every sentence of the Lessons page that is not a lesson's own: lessons are files in `data`."""

from pdcn.words import Sentence

TITLE = Sentence("Lessons")
PART = Sentence("What to see")
LESSONS, GLOSSARY = Sentence("lessons"), Sentence("glossary")
LEAD = Sentence(
    "{count} lessons on the real pages. Each step asks what you expect, and then shows what was measured.", count="Five"
)
MINUTES = Sentence("About {minutes} minutes, {steps}", minutes=10, steps="6 steps")
AFTER = Sentence("Afterwards {what}", what="you can say what a cross is.")
DONE_OF = Sentence("{done} of {all} questions answered", done=2, all=6)
LENGTH_DONE = Sentence("{length} · {done}", length="About 10 minutes, 6 steps", done="2 of 6 questions answered")
NUMBERED = Sentence("{number}. {title}", number=1, title="What a cross is")
START = Sentence("Start lesson {number}", number=1)
GO_ON = Sentence("Go on with lesson {number}", number=2)
AGAIN = Sentence("See lesson {number} again", number=3)
NO_SUCH = Sentence("There is no lesson called {name}. Choose one from the list.", name="`croses`")
NO_STEP = Sentence("This lesson has {steps}, so it starts at the first one.", steps="6 steps")

# one step

PLACE = Sentence("Lesson {number} · step {step} of {all}", number=1, step=2, all=6)
LINE = Sentence("Back to lesson {number}, step {step}: {title}", number=3, step=2, title="Who is ahead?")
LINE_END = Sentence("Back to the end of lesson {number}", number=3)
QUESTION = Sentence("Your prediction")
NUMBER = Sentence("Your guess")
NUMBER_IN = Sentence("Your guess, in {unit}", unit="points")
ORDER = Sentence("Your order, the first one first")
ORDER_HELP = Sentence("Choose the options one after the other, from the first to the last.")
CHECK, KEEP = Sentence("Check my guess"), Sentence("Keep my guess")
PREDICTED = Sentence(
    "Your guess is {guess}. You will see here how good it is, once your run has ended.", guess="“It is better”"
)
GUESS_FIRST = Sentence("Make a guess first. A wrong one teaches more than none.")
GUESS_NUMBER_FIRST = Sentence(
    "Guess a number from {low} to {high} first. A wrong one teaches more than none.", low=0, high=20
)
ORDER_FIRST = Sentence("Put all {count} into an order first.", count=3)
GUESS_AGAIN = Sentence("Guess again")
BACK, NEXT, END = Sentence("Back"), Sentence("Next"), Sentence("Finish")
ALL_LESSONS = Sentence("All lessons")
MISREAD = Sentence(
    "The link holds a guess that this question does not know: {guess}. Guess again, or go on.", guess="`seven`"
)

# a run of one's own

TRAIN = Sentence("Open Compare with these settings")
OWN_NEEDED = Sentence(
    "This question is about a run of your own. Once you have made your guess, open Compare with the settings of this "
    "step, press Run, and come back. The training takes about {time}.",
    time="40 s",
)
OWN_THERE = Sentence("This step is about run {run}.", run="20261126-101010-abcd")
OWN_OTHER = Sentence("It has other settings than this step asks for, so its answer may be to another question.")
TRAINING = Sentence("Your run is still training: {share}. The answer is here when it has ended.", share="40%")
USE_SHOWCASE = Sentence("Use the showcase instead")
USE_SHOWCASE_HELP = Sentence("Answers come from the run that comes with the project, on shoppers' purchases.")
SHOWCASE_IS = Sentence("This step shows the showcase run: two wirings on shoppers' purchases.")

# how good a guess was

YOU_SAID = Sentence("You said {guess}; it is {value}", guess="3 points", value="1.20 points")
WITH_INTERVAL = Sentence("{said}, 95% interval {interval}.", said="You said 3; it is 1.20", interval="[+0.40, +2.00]")
INSIDE = Sentence("{said} Your guess is inside the interval.", said="You said 1; it is 1.20, 95% interval [0, 2].")
OUTSIDE = Sentence(
    "{said} Your guess is {gap} outside the interval.",
    said="You said 3; it is 1.20, 95% interval [0, 2].",
    gap="1.00 points",
)
EXACT = Sentence("{said}. That is exactly right.", said="You said 3; it is 3")
CLOSE = Sentence("{said}. That is close: {gap} away.", said="You said 3; it is 4", gap="1")
FAR = Sentence("{said}. That is {gap} away.", said="You said 3; it is 40", gap="37")
RIGHT = Sentence("You are right: “{value}”.", value="It is better")
WRONG = Sentence("You said “{guess}”. The answer is “{value}”.", guess="It is better", value="It is worse")
SIZE = Sentence(
    "Measured: {size}, 95% interval {interval}.", size="−3.17 points of grouped AUC", interval="[−4.45, −1.91]"
)
ORDER_RIGHT = Sentence("You are right: first to last, it is {value}.", value="parallel, sequential, popularity")
ORDER_WRONG = Sentence(
    "{right} of {all} are in the right place. First to last, it is {value}.",
    right=1,
    all=3,
    value="parallel, sequential, popularity",
)
UNITS = {
    "count": Sentence("{number}", number="276"),
    "percent": Sentence("{number}%", number="43.3"),
    "points": Sentence("{number} points", number="1.20"),
}
ONE_POINT = Sentence("1 point")
UNIT_NAMES = {"points": Sentence("points"), "percent": Sentence("percent")}

# the end

FINISHED = Sentence("You have finished this lesson")
SCORE = Sentence("{good} of your {all} guesses were right or close.", good=4, all=6)
SCORE_NONE = Sentence("You made no guesses this time. Go back to any step and try one.")
SCORE_WAITS = Sentence("No run can judge your guesses yet. Train the run that the steps ask for, and come back.")
YOU_CAN = Sentence("Now {what}", what="you can say what a cross is, and what it costs.")
NEXT_LESSON = Sentence("Next lesson: {title}", title="Explicit against implicit")

# the glossary

TERMS = Sentence("{count} terms, each in one sentence and one picture.", count=20)

# why a run cannot answer

NO_RESULT = Sentence("This run has no result yet. Wait until it has ended, or use the showcase.")
NO_COMPARISON = Sentence("This run compares nothing, as it has one arm only. Train two arms, or use the showcase.")
TOO_LITTLE = Sentence("This run is too small for an answer. Train more seeds or more epochs, or use the showcase.")
NO_SLICES = Sentence("This run kept no results by how popular an item is. Train it again, or use the showcase.")
NO_MAP = Sentence(
    "The arm {arm} has no weight map. Train one that has cross layers, or use the showcase.", arm="linear"
)
NO_BRANCH = Sentence(
    "In the arm {arm} this branch cannot be taken away alone. Train parallel, or use the showcase.", arm="linear"
)
NOTHING_PLANTED = Sentence(
    "Nothing was planted in this run's data, so nobody knows the right answer. Train a run on planted crosses."
)

# what is said to whoever writes a lesson

BAD_NAME = Sentence("{file}: expected a name of small letters, digits and hyphens", file="My lesson.toml")
NOT_TOML = Sentence(
    "{file}: expected a TOML file that can be read, got {why}", file="crosses.toml", why="Invalid value (at line 3)"
)
NO_SUCH_PAGE = Sentence(
    "{file}, step {step}, page: expected one of {known}, got {page}",
    file="crosses.toml",
    step=2,
    known="compare, crosses",
    page="'map'",
)
NO_SUCH_MEASURE = Sentence("measure: expected one of {known}, got {measure}", known="gain, verdict", measure="'winner'")
OWN_CHOICES = Sentence("none, the measure brings its own")
OTHER_CHOICES = Sentence("choices: expected {expected}, got {choices}", expected="yes, no", choices="yes, perhaps")
CHOICE_TWICE = Sentence("choices: expected a label of its own for each, got one twice")
HIGH_BELOW_LOW = Sentence("high: expected more than low ({low:g}), got {high:g}", low=5.0, high=2.0)
LINK_UNSAID = Sentence("open: expected what the link to the page says, beside a page to open")
NO_SUCH_TERM = Sentence("picture: expected a term of the glossary, got {term}", term="'crosss'")
NOTHING_TO_TRAIN = Sentence("experiment: expected settings to train, where the question is about a run of one's own")

STEP = Sentence("step {number}", number=2)
NO_SUCH_PART, MISSING = Sentence("no such part of a lesson"), Sentence("missing")
