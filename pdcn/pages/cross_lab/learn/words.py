"""Every sentence of the part of the Cross lab in which models learn a function."""

from pdcn.words import Sentence

# the function

FUNCTION = Sentence("Function")
CHOICES = {
    "f2": Sentence("f2 of the DCN V2 paper: strong and weak crosses"),
    "f1": Sentence("f1 of the paper: x1 in every cross"),
    "toy": Sentence("the example of the TFRS tutorial"),
    "own": Sentence("your own"),
    "f3": Sentence("f3 of the paper: a hundred crosses"),
    "orders 1-4": Sentence("orders 1 to 4 of the paper"),
}
OWN = Sentence("Your polynomial in x1 to x6")
OWN_HELP = Sentence("Sums of products with + - * ^ and brackets, such as 2*x1*x2 + x3^2. Up to degree 6; press Enter.")

# what is found

TRAINING = Sentence("Training four kinds of models, with one to three layers each")
TRAINING_PAPER = Sentence("Training four kinds of models on a function of the paper")
NOW = Sentence("training {model}, depth {layers}", model="DCN-V2", layers=2)
QUESTION = Sentence(
    "Can this function be learned by cross layers (DCN-V2, or DCN, its older form), or by an MLP of the same size, or "
    "a large one?"
)
OFFER = Sentence(
    "Train all four kinds of model, with one, two and three layers each. Each error is shown once it is known."
)
PRESS = Sentence("Train them")
LEAD_HOLDS = Sentence(
    "DCN-V2 can learn it: with {layers} it errs by {ours}. After a short training, an MLP of the same size errs "
    "by {dnn} at best, and a large one by {large}.",
    layers="1 layer",
    ours="3.6e-16 (nothing but rounding)",
    dnn="0.15",
    large="0.01",
)
LEAD_NOT = Sentence(
    "DCN-V2 does not get it right with up to three layers: it errs by {ours} at best. After a short training, an MLP "
    "of the same size errs by {dnn}, a large one by {large}.",
    ours="0.037",
    dnn="0.035",
    large="0.0089",
)
ROUNDED = Sentence("{error} (nothing but rounding)", error="3.6e-16")
FIGURE_ALT = Sentence("Error by the number of layers, a line for each kind of model. {best} errs least.", best="DCN-V2")
READ = Sentence(
    "Lower is better: each line of the grid is a hundred times less error. Dotted: a model that only knows the mean. "
    "DCN-V2 is a stack of cross layers; DCN, its older form, has fewer weights. An MLP, a stack of ordinary layers, "
    "can only come near a product."
)
DEEPER = Sentence(
    "DCN-V2 with {deeper} errs more than with {fewer}, although it could do the same: a layer of zeros hands its "
    "input on. More layers are harder to solve for, and the solver stops after {steps} steps.",
    deeper="2 layers",
    fewer="1 layer",
    steps=30,
)
LAYERS_AXIS, ERROR_AXIS = Sentence("layers"), Sentence("error (RMSE, log scale)")
ERROR_HOVER = Sentence("{model}: %{{y:.2g}}<extra></extra>", model="DCN-V2")
PUBLISHED_OF = Sentence("{model}, published", model="DCN-V2")
LEGEND = {
    "DCN": Sentence("DCN"),
    "DCN-V2": Sentence("DCN-V2"),
    "DNN": Sentence("MLP of the same size"),
    "DNN, large": Sentence("large MLP"),
}

# weights beside coefficients

WEIGHTS_TITLE = Sentence("What one layer of DCN-V2 is to learn")
WEIGHTS_FOUND = Sentence("What one layer of DCN-V2 learned is off the truth by {off} at most", off="0.001")
TRUE, LEARNED = Sentence("true"), Sentence("learned")
ALONE = Sentence("alone")
FEATURE = Sentence("x{number}", number=1)
WEIGHTS_HOVER = Sentence("{name}: %{{z:.3f}}<extra></extra>", name="true")
WEIGHTS_ALT = Sentence(
    "The coefficient of every pair and of every feature alone, true and learned. The largest difference is {off}.",
    off="0.001",
)
WEIGHTS_NOTE = Sentence(
    "A pair is in W twice, once for each direction, times the weights of the head. Only the sum of both can be "
    "learned, so the sum is shown."
)
WEIGHTS_WIDE = Sentence(
    "Each coloured cell is a product of two of the hundred features: as the function has it, and as one layer of "
    "DCN-V2 learned it."
)
HIGHER = Sentence(
    "One layer has no products of more than two numbers, so it finds the nearest function of pairs. Its weights then "
    "differ from the coefficients."
)
WAITS = Sentence("What one layer learned comes here when the training is done.")

# the study that comes with the project

STUDY_LEAD = {
    "f3": Sentence(
        "DCN-V2 can learn a hundred crosses with one layer: in our study it errs by {ours}, the best MLP by {mlp}.",
        ours="6e-15",
        mlp="0.4",
    ),
    "orders 1-4": Sentence(
        "Products of up to four numbers need several layers: in our study DCN-V2 errs by {ours} with {layers}, the "
        "best MLP by {mlp}.",
        ours="0.012",
        layers="5 layers",
        mlp="0.12",
    ),
}
LIVE_HOLDS = Sentence(
    "DCN-V2 can learn it: with {layers} it errs by {ours}. An MLP of the same size errs by {dnn} at best, and a large "
    "one by {large}.",
    layers="1 layer",
    ours="6e-15",
    dnn="0.9",
    large="0.4",
)
LIVE_NEAREST = Sentence(
    "DCN-V2 comes nearest with {layers}: it errs by {ours}. An MLP of the same size errs by {dnn} at best, and a large "
    "one by {large}.",
    layers="4 layers",
    ours="0.02",
    dnn="0.12",
    large="0.12",
)
PAPER_OFFER = Sentence(
    "Train all four kinds of model here, each with up to {most}. As much took {time} on one core when our study was "
    "made. Each error is shown once it is known, and you can stop.",
    most="3 layers",
    time="4 min",
)
LIVE_TITLE, STUDY_TITLE = Sentence("Trained here, from one seed"), Sentence("Our study and the paper")
LIVE_READ = Sentence(
    "Lower is better. Function, data and training are those of the first of our study's five seeds. Dotted: a model "
    "that only knows the mean."
)
NOISE = Sentence("Each error has {noise} of noise in it, which nobody can learn.", noise="0.01")
NO_STUDY = Sentence(
    "The study that comes with the project is missing. Make it with {command}.", command="`python -m pdcn`"
)
STUDY_READ = Sentence("Lower is better. Filled: our mean over five seeds. Open: the mean that the paper published.")
DIFFER = Sentence("Who differs from the paper by more than a factor of ten?")
DIFFER_NONE = Sentence("Nobody: every published error is met within a factor of ten.")
DIFFER_SOME = Sentence("{who}.", who="DCN-V2 with 1 layer")
DIFFERS = Sentence(
    "{model} with {layers} ({ours} here, {published} published)",
    model="DCN-V2",
    layers="1 layer",
    ours="6e-15",
    published="6.7e-07",
)
DIFFER_WHY = Sentence(
    "The paper leaves open how many samples it drew, which random weights, and how it trained. Without noise, an exact "
    "solver goes on to the last digit, where a trained network stops earlier."
)
SEE_FINDINGS = Sentence("The whole table, and how it was made: Findings")

MEASURED = (
    Sentence("Features are uniform between −1 and 1. The error is the root mean squared error on 20,000 fresh draws."),
    Sentence(
        "The cross networks see 1,000 draws and are solved to the last digit (Gauss-Newton). All small models begin up "
        "to {tries} times, and the one that errs least is kept.",
        tries=3,
    ),
    Sentence(
        "The MLPs are trained by Adam: {small} steps for the small one and {large} for the large one, with {batch} "
        "fresh draws each. That is a small budget, a quarter of that of our study or less.",
        small="1,000",
        large="600",
        batch=256,
    ),
    Sentence("So this is no contest between optimisers. It shows which functions a network of crosses can hold."),
    Sentence("DCN here is DCN-V2 with a matrix W whose rows are all alike, as in the paper."),
)
NUMBERS = Sentence("All numbers")
