"""Every sentence of the playground; the browser fills the gaps."""

from pdcn.words import Sentence

LEAD = Sentence(
    "Two small networks learn the target pattern from its points: green is above zero, purple below. Press "
    "Play: which comes close first?"
)
STATE = Sentence("The playground as a text")
PLAY = Sentence("Play")
PAUSE = Sentence("Pause")
STEP = Sentence("Step")
RESET = Sentence("Start over")
MORE = Sentence("More settings")
CONTROLS = Sentence("Playground controls")
NAMES = {
    "target": Sentence("Target"),
    "layers": Sentence("Cross layers"),
    "width": Sentence("Hidden units"),
    "features": Sentence("Features (x0)"),
    "noise": Sentence("Noise"),
    "rate": Sentence("Learning rate"),
    "speed": Sentence("Speed"),
    "seed": Sentence("Seed"),
}
OPTIONS = {
    "target": {
        "product": Sentence("cross: x₁·x₂"),
        "tilted": Sentence("cross and line: x₁·x₂ + ½(x₁ + x₂)"),
        "circle": Sentence("circle: x₁² + x₂²"),
        "line": Sentence("line, no cross: x₁ + x₂"),
        "third": Sentence("third order: x₁²·x₂"),
    },
    "noise": {"0": Sentence("none"), "0.1": Sentence("little"), "0.3": Sentence("some"), "0.5": Sentence("much")},
    "speed": {"slow": Sentence("slow"), "steady": Sentence("steady"), "fast": Sentence("fast")},
    "features": {
        "x1": Sentence("x₁"),
        "x2": Sentence("x₂"),
        "sq1": Sentence("x₁²"),
        "sq2": Sentence("x₂²"),
        "sin1": Sentence("sin πx₁"),
        "sin2": Sentence("sin πx₂"),
    },
}
WIRINGS = {"sequential": Sentence("Sequential"), "parallel": Sentence("Parallel")}
SIZES = {
    "sequential": Sentence("crosses, then {hidden} hidden units: {count} weights", hidden=6, count=31),
    "parallel": Sentence("crosses beside {hidden} hidden units: {count} weights", hidden=6, count=33),
}
HEADINGS = {
    "feature": Sentence("x0"),
    "cross": Sentence("cross {layer}", layer=1),
    "hidden": Sentence("hidden"),
    "output": Sentence("output"),
}
PICTURE = Sentence(
    "{wiring} network. Cross layers: {layers}. Hidden units: {hidden}. Each unit is a picture of its values. Arrow "
    "keys go from line to line.",
    wiring="Parallel",
    layers=1,
    hidden=6,
)
WEIGHT_OF = Sentence("{wiring} weight", wiring="Parallel")
VALUE = Sentence("Value")
LINE_OF = Sentence("{name}: {value}", name="hidden 1 reads x₁", value="−0.42")
PRESS_A_LINE = Sentence("Press a line to change its weight.")
ASK = Sentence("What does “{name}” mean?", name="Cross layers")
READS = Sentence("{to} reads {from}", **{"to": "hidden 1", "from": "x₁"})
BIAS = Sentence("{to}: bias", to="hidden 1")
CROSS_UNIT = Sentence("cross {layer} {feature}", layer=1, feature="x₁")
HIDDEN_UNIT = Sentence("hidden {unit}", unit=1)
OUTPUT = Sentence("output")
TEST_LOSS = Sentence("test loss {loss}", loss="0.49")
TINY = Sentence("under 0.0001")
INFINITE = Sentence("infinite")
CAPTIONS = {
    "target": Sentence("The target, with training points"),
    "curves": Sentence("Loss after each step (1 is a constant guess)"),
}
CURVES = {
    "sequential": {"train": Sentence("sequential, train"), "test": Sentence("sequential, test")},
    "parallel": {"train": Sentence("parallel, train"), "test": Sentence("parallel, test")},
}
CURVES_PICTURE = Sentence(
    "Loss curves up to step {steps}. Test loss: sequential {sequential}, parallel {parallel}.",
    steps=300,
    sequential="0.14",
    parallel="0.0013",
)
STEPS = Sentence("Step {steps}", steps=300)
REPLAYING = Sentence("Replaying: {steps} of {goal}", steps=120, goal=300)
START = Sentence("Nothing is trained yet: press Play. The test loss is the error on new points; 0 is perfect.")
NOW = {
    "parallel": Sentence(
        "After step {steps}, parallel is closer to the target: test loss {parallel}, sequential {sequential}.",
        steps=300,
        sequential="0.14",
        parallel="0.0013",
    ),
    "sequential": Sentence(
        "After step {steps}, sequential is closer to the target: test loss {sequential}, parallel {parallel}.",
        steps=300,
        sequential="0.037",
        parallel="0.32",
    ),
    "even": Sentence(
        "After step {steps}, both are about equally close: test loss {sequential} sequential, {parallel} parallel.",
        steps=300,
        sequential="0.0031",
        parallel="0.0030",
    ),
}
LOOK_FOR = {
    "product": Sentence(
        "Look at the lines into the output: which network's output reads the product of a cross directly?"
    ),
    "tilted": Sentence("Look for the unit that holds the line, and the one that holds the cross."),
    "circle": Sentence("Look at cross 1: it can square a feature. Does the output keep the round shape?"),
    "line": Sentence("Look at what the crosses do when there is nothing to cross."),
    "third": Sentence("One cross layer reaches order two only. Add a second one, then start over."),
    "reached": Sentence("Two cross layers reach order three. Find the unit that looks like the target."),
}
UNUSED = Sentence(
    "Not used from the link: {parts}. The playground expects names and values that its own links have.",
    parts="layers-9",
)
WRONG = {
    "seed": Sentence("Seeds are whole numbers from 1 to 999. The old seed is kept."),
    "features": Sentence("At least one feature must stay on. The last one is kept."),
}
NO_WEIGHT = Sentence("A weight is a number from −10 to 10. The old value is kept.")
EDITS_FULL = Sentence("A link holds 40 edited weights at most. Start over to edit more.")
DIVERGED_NOW = Sentence("The loss became infinite. Choose a lower learning rate and start over.")
ENOUGH = Sentence("Training stops at step 20,000, so that a link can be replayed quickly.")
HOW_TO_READ = Sentence(
    "Each square shows one unit's value over the plane: x₁ runs to the right, x₂ upwards. Purple is negative, green is "
    "positive. Each small square has its own colour scale. The outputs and the target share one."
)
LINES = Sentence(
    "A line is a weight: the wider, the larger; dashed means negative. Press a line, or choose a weight from the list, "
    "and write another value. Not drawn: each cross layer multiplies what it reads by x0, and adds it again."
)
MEASURED = Sentence(
    "Both networks train on the same 256 points in the same batches of 32, by Adam on the mean squared error. Weights "
    "of equal shape start equal. The test has 256 other points without noise."
)
SIZE = Sentence(
    "The parallel output also reads the crosses. So with more than two features, the parallel network has one hidden "
    "unit less. Their sizes differ by two weights at most."
)
ADDRESS = Sentence(
    "While paused, the address holds all settings, the step and every edited weight. A link brings back this picture. "
    "Another setting starts over, and leaving this tab of the browser pauses."
)
LIMITS = Sentence(
    "This is a toy with one or two dozen weights and one seed at a time. Which wiring wins on real data is a question "
    "for the Compare page."
)
