"""Every sentence of the Findings page but the answers, which are in `pdcn.research.words`."""

from __future__ import annotations

from pdcn.words import Sentence

TITLE = "What we found"
QUESTION = Sentence("{place}. {question}", place=1, question="Is it the wiring, the capacity, or the skip?")
NOT_RUN = Sentence("Not answered yet. This runs the study: {command}", command="`python -m pdcn study shape`")
HOW_TO_READ = Sentence(
    "Dots are differences in recall, lines are 95% intervals. A filled dot is clear of zero even when all rows of its "
    "question count."
)
FOLD = Sentence("The whole answer, every number, and how it was measured: {question}", question="Concatenate, or add?")
GROUPS = Sentence(
    "Journey holds the purchases of a year from half or a third of the households whose demographics are known. First "
    "purchases are those of products that a household had not bought before. Planted crosses are made-up data whose "
    "truth is known. Shopping and promoted products have several outcomes; the Data page shows both."
)
REPEATED = (
    "Every setting is a run of its own. The command keeps it and the Runs page opens it. The command does not train a "
    "run again that is there already."
)
DEVICE = Sentence(
    "Run on {device}. Other processors and versions round sums differently, so single trainings differ there too, but "
    "less than seeds do.",
    device="cpu (x86_64, 2 cores)",
)

# pictures

STEPS_AXIS = Sentence("{metric}, from sequential<br>to parallel", metric="recall@100")
WHOLE = "The whole difference"
STEPS = Sentence("{group}: from sequential to parallel, one change at a time", group="Journey (half)")
PAIR = Sentence("{metric}, {arm}<br>minus {held}", metric="recall@100", arm="parallel", held="sequential")
MINUS = Sentence("{metric}<br>minus {held}", metric="recall@100", held="sequential")
HELD = {
    "levels": Sentence("{metric} minus that<br>with the full matrix", metric="recall@100"),
    "parts": Sentence("{metric} minus that<br>with one head for all outcomes", metric="recall@100"),
}
PAIR_TITLE = Sentence("{arm} minus {held}", arm="Parallel", held="wide and deep (control)")
ARMS_TITLE = Sentence("{group}: every arm minus {held}", group="Journey (half)", held="sequential")
CONTROL = Sentence("{arm} (control)", arm="wide and deep")

# the table

COLUMNS = {
    "data": "data",
    "setting": "setting",
    "arm": "arm",
    "minus": "minus",
    "verdict": "verdict",
    "recall": "recall",
    "other": "of the other",
    "points": "points",
    "interval": "95% interval",
    "adjusted": "after Holm",
    "change": "change",
    "mismatch": "mismatch",
    "finished": "finished",
    "settings": "settings",
    "trial": "trial kept",
    "worlds": "worlds",
    "seeds": "seeds",
    "users": "users",
    "events": "events",
}
IN_POINTS = Sentence("{metric}, points", metric="recall@10")
CHANGED = Sentence("{size} against {held}, {chance}", size="+1.20 points", held="strength 0", chance="p = 0.012")
YES, NO, NOTHING = "yes", "no", "—"

# beside the published number

PUBLISHED = "And the number that was published?"
CLAIMED = Sentence(
    "Pinterest Engineering reported +11% offline recall@1000 for side by side (“From Clicks to Conversions”, "
    "27 April 2026). It gave no model of the same size to beat, no seeds and no interval."
)
COUNTS = Sentence("Side by side against one after the other, in all {settings}:", settings="8 settings")
COUNT_HELP = (
    "The number of settings, over all questions, in which parallel did this against sequential. They were chosen to "
    "answer questions, not to be a fair sample of anything."
)

# the experiments of the DCN-V2 paper

PAPER = "Do we find what the DCN-V2 paper found?"
PAPER_CAPTION = Sentence(
    "Error on fresh draws: the mean of five seeds with their range. Open marks are the published means."
)
PAPER_MEASURED = (
    "The error is the root mean squared error on draws that were not trained on. The published means are from arXiv "
    "2008.13535.",
    "The paper does not say which random weights it drew, how many features the second function has (100 here), or how "
    "it trained. So errors compare only by their order of magnitude.",
    Sentence(
        "Cross networks and MLPs have different optimisers here. More was tried for the cross networks, in part on "
        "these seeds, so this is no contest between the two."
    ),
)
PAPER_FOLD = "The numbers, how they were measured, and how to repeat them"

LAYERS_AXIS, FUNCTION_AXIS, ERROR_AXIS = Sentence("layers"), Sentence("function"), Sentence("error (RMSE)")
MODEL_ON = Sentence("{model}, {function}", model="DCN-V2", function="f1")
PUBLISHED_OF = Sentence("{model}, published", model="DCN-V2")
ERROR_HOVER = Sentence("{model}: {error}<extra></extra>", model="DCN-V2", error="0.0012")

# projections of a sequence

PROJECTIONS = "What does DCN V2 as a projection of actions save, and what does it keep?"
PROJECTIONS_REPORTED = (
    "**Reported.** In Pinterest’s ads engagement model, DCN V2 compresses what a Transformer puts out, “which reduced "
    "serving latency while preserving signal” (3 March 2026)."
)
PROJECTIONS_NOT_STATED = Sentence(
    "**Not stated.** How wide, how deep and of what rank the projection is, what it was held against, how much time it "
    "saved, and any interval."
)
PROJECTIONS_BUILT = Sentence(
    "**Built.** Shoppers of a made-up world, in which earlier actions reveal what they want. A Transformer reads the "
    "last 20 actions, a linear layer, an MLP or DCN V2 projects them, and parallel reads the result. The MLP of the "
    "query tower is widened until all forms have as many dense parameters. Each is trained from {seeds}.",
    seeds="5 seeds",
)
PROJECTIONS_MEASURED = "**Measured.**"
PROJECTIONS_CAPTION = Sentence(
    "Lines are 95% intervals: of {metric} over users and seeds, of the median time over rounds. The shape of a mark "
    "is the width of a projection. A dotted line joins the forms that no other beats in both. Times are those of the "
    "processor, for query towers alone, on one thread of {device}. Only how they compare carries over.",
    metric="recall@10",
    device="cpu (x86_64, 2 cores)",
)
PROJECTIONS_WIDE = Sentence(
    "No detectable loss is no proof that there is none: the intervals say what it may still be. We chose the world "
    "after three pilots, so that the latest actions matter in it. It shows that this can happen, and not how often it "
    "does."
)
PROJECTIONS_FOLD = "What was reported, what we built, every number, and how to repeat it"
PROJECTIONS_KEPT = Sentence(
    "What linear probes read back from the mean of the actions' embeddings, from all that the Transformer puts out, "
    "and from the projection, mean over seeds. 100% is all of a fact, 0% nothing. **It does not show** whether a lost "
    "fact was needed."
)
KEPT_COLUMNS = {
    "form": "form",
    "label": "fact",
    "mean": "in the mean",
    "whole": "in all actions",
    "projected": "in the projection",
}
FORM_COLUMNS = {
    "form": "form",
    "recall": "recall",
    "interval": "95% interval",
    "whole": "minus all actions",
    "mean": "minus the mean",
    "dense": "dense parameters",
}
TIME_COLUMN = Sentence("µs, {batch} a call", batch=1)
TIMES_COLUMN = Sentence("times all actions, {batch} a call", batch=1)
AT_BATCH = Sentence("**{batch} a call**", batch=64)
PROJECTION_NAMES = {
    "": Sentence("no projection of actions"),
    "linear": Sentence("linear"),
    "mlp": Sentence("MLP"),
    "dcn": Sentence("DCN V2"),
    "dcn_low": Sentence("DCN V2, low rank"),
    "flat": Sentence("all actions side by side"),
}
TO_SO_MANY = Sentence("to {width} numbers", width=32)
PARETO_HOVER = Sentence(
    "{form}: {metric} {found}% in {time} µs<extra></extra>",
    form="DCN V2 to 16",
    metric="recall@50",
    found="42.1",
    time=210,
)
TIME_AXIS = Sentence("µs of the processor for the query tower, {batch} a call (median)", batch=1)
FOUND_AXIS = Sentence("{metric} (%)", metric="recall@50")
