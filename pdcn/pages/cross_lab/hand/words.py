"""Every sentence of the part of the Cross lab in which a cross layer is worked out by hand."""

from pdcn.words import Sentence

NAMES = (Sentence("young"), Sentence("evening"), Sentence("snack"))
"""The three numbers of the shopper."""

# the dials

OUTPUT = Sentence("Output to follow")
LAYER = Sentence("After layer")
ITSELF = Sentence("Multiply by x instead of x0")
ITSELF_HELP = Sentence(
    "DCN-V2 multiplies with the input x0 in every layer: Cross(x0, x). Switch this on to multiply with the layer below "
    "instead."
)
SHOPPER = Sentence("**x0**, the input: a shopper in three numbers")
WEIGHTS = Sentence("**W** and **b**: how much an output (row) takes of each number (column)")
W_OF = Sentence("W: {row} reads {column}", row="young", column="evening")
B_OF = Sentence("b: {row}", row="young")
B = Sentence("b")
STORY = Sentence(
    "How **young** a shopper is, how late in the **evening** it is, and how much they like a **snack**, on a scale of "
    "your own. A weight in row “young” under “evening” multiplies the two. Change any number, and watch x1."
)

# what is found

LEAD = Sentence(
    "A cross layer multiplies numbers. After {layers}, “{name}” is {value}: a sum of {terms}, in which up to {degree} "
    "numbers are multiplied.",
    layers="2 layers",
    name="young",
    value="12",
    terms="3 terms",
    degree=3,
)
LEAD_ALONE = Sentence(
    "A cross layer multiplies numbers, but after {layers}, “{name}” is {value}: its row holds no weight yet. Give W or "
    "b one.",
    layers="2 layers",
    name="young",
    value="12",
)
X = Sentence("x{layer}", layer=1)
PRESS = Sentence("{name}: press to follow it<extra></extra>", name="young")
AS_FORMULA = Sentence("**The same as a polynomial**, the longest products first:")
CUT = Sentence("The formula is cut after {shown} of its {all} terms.", shown=8, all=20)

# further questions

DEGREES = Sentence("How fast do the products grow?")
DEGREES_FOUND = Sentence(
    "After three layers the longest one has {ours} factors. Multiplying by x instead of x0, it would have {itself}.",
    ours=4,
    itself=8,
)
DEGREES_WHY = Sentence(
    "A layer multiplies what it reads with x0 once more, so Cross(x0, x) adds one to the degree: L layers reach L + 1. "
    "Cross(x, x) multiplies two copies of the layer below and doubles it: 2 to the power L. The paper, and this "
    "project, use Cross(x0, x)."
)
COLUMNS = {
    "layer": Sentence("layer"),
    "name": Sentence("output"),
    "degree": Sentence("degree, Cross(x0, x)"),
    "terms": Sentence("products"),
    "itself": Sentence("degree, Cross(x, x)"),
    "itself_terms": Sentence("products, Cross(x, x)"),
}
SWAP = Sentence("Does it matter which of two numbers reads the other?")
SWAP_FOUND = Sentence(
    "Yes: {row} × {column} is the same product either way, but it lands in the output of the row.",
    row="young",
    column="evening",
)
SWAP_PAIR = Sentence("Swap the weights between")
PAIR = Sentence("{row} and {column}", row="young", column="evening")
SWAP_CHANGED = Sentence("With the two weights swapped, x1 changes at {names}.", names="young and evening")
SWAP_SAME = Sentence("The two weights are alike, so swapping them changes nothing. Give one of them another value.")
SWAP_WHY = Sentence(
    "In the first layer both weights multiply the same two numbers. But the next layer reads each output by itself, so "
    "it matters which output holds the product."
)
AS_IT_IS, SWAPPED, NUMBER = Sentence("x1 as it is"), Sentence("x1, swapped"), Sentence("output")
FORMS = Sentence("What do cheaper or gated layers change?")
FORMS_FOUND = Sentence("The cheaper layer of rank {rank} moves the outputs x1 by {moved} at most.", rank=2, moved="3")
RANK = Sentence("Rank r of the low-rank layer")
GATE = Sentence("How sharply gates read x0")
FORM_NAMES = {
    "full": Sentence("full"),
    "low": Sentence("low rank"),
    "mixture": Sentence("mixture"),
    "gated": Sentence("gated"),
}
FORM_WORDS = {
    "full": Sentence("Full, Equation 1: every pair has a weight of its own."),
    "low": Sentence(
        "Low rank, Equation 2: W is a product of two narrow matrices. Here it is the nearest one of rank {rank}. What "
        "is lost of W has {lost} of its size.",
        rank=2,
        lost="33%",
    ),
    "mixture": Sentence(
        "Mixture, Equation 3: a gate shares the work between experts of low rank. Here two experts of rank 1 have the "
        "shares {shares}.",
        shares="88% and 12%",
    ),
    "gated": Sentence(
        "Gated (GDCN): each output has a gate between 0 and 1 that lets its crosses through. Here they are {gates}.",
        gates="0.88, 0.73 and 0.95",
    ),
}
FORM_NOTE = Sentence(
    "All four read the same x0 with the W and b above. The experts are the two strongest parts of W. Their gate reads "
    "“young”; each gate of GDCN reads its own number. The published Equation 4 adds a nonlinearity inside each expert."
)
FORM_COLUMN = Sentence("layer")
PRICE = Sentence(
    "Of three numbers, low rank saves nothing: rank r needs 2 r D weights where a full W needs D × D. It saves from a "
    "rank below half the width D."
)
MEASURED = (
    Sentence(
        "The numbers come from the project's own layers, the ones that the Compare page trains. The polynomials are "
        "worked out exactly, by SymPy, from the decimals in the boxes."
    ),
    Sentence("Every layer here has the same W and b, to keep the page small. In a trained model each has its own."),
    Sentence(
        "Equations 1 to 4 are those of DCN-V2 (arXiv 2008.13535). The gated layer is that of GDCN (arXiv 2311.04635)."
    ),
)
HOW = Sentence("How is this worked out?")
