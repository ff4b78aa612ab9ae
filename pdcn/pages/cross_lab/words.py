"""Every sentence of the Cross lab that all its parts share; each part has its own list."""

from pdcn.words import Sentence

TITLE = Sentence("Cross lab")
PARTS = {
    "hand": Sentence("one layer by hand"),
    "learn": Sentence("can it learn this?"),
    "play": Sentence("play"),
    "negatives": Sentence("negatives and logQ"),
}
PART = Sentence("Experiment")

# what is said of a function that can't be read

TOO_LONG = Sentence("function: expected at most {most} letters, got {count}; write it shorter", most=200, count=245)
ZERO = Sentence("function: expected terms that stay, got {given}, which is zero; add a term", given="'x1 - x1'")
CONSTANT = Sentence(
    "function: expected no constant, got {number} alone; the models here have none, so take it out", number="2"
)
UNEXPECTED = Sentence(
    "function: expected {wanted} in part {part} of it, got {got}; write it like x1*x2",
    wanted="a closing bracket",
    part=4,
    got="'+'",
)
THE_END = Sentence("the end")
A_SIGN = Sentence("a sign + or -")
AN_EXPONENT = Sentence("an exponent from 1 to 6")
A_CLOSING_BRACKET = Sentence("a closing bracket")
A_FACTOR = Sentence("a number, x1 to x6 or an opening bracket")
UNKNOWN_SIGN = Sentence(
    "function: expected numbers, x1 to x6, and the signs + - * ^ ( ), got {sign}; write it like x1^2 + 0.5*x1*x2",
    sign="'?'",
)
TOO_NESTED = Sentence("function: expected at most {most} brackets in each other; multiply some out", most=10)
DEGREE_TOO_HIGH = Sentence(
    "function: expected a degree of at most {most}, got {degree}; multiply fewer features", most=6, degree=8
)
TOO_MANY_TERMS = Sentence("function: expected at most {most} terms, got {count}; write fewer", most=40, count=52)
NUMBER_OUT_OF_RANGE = Sentence(
    "function: expected numbers from {least:f} to {most:,}, got {number:.3g}; choose another size",
    least=0.0001,
    most=1_000,
    number=50_000.0,
)
