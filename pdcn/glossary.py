"""The terms of the field, each with the one sentence that explains it wherever it is met.

>>> explained("seeds")
'A seed sets the random start of a training; every arm is trained once from each seed.'
"""

from __future__ import annotations

import re

from pdcn.words import Sentence

ARM = Sentence("An arm is one of the wirings that a run compares.")
BASELINE = Sentence("The baseline is the arm that all others are compared with and matched to.")
BATCH = Sentence("A batch is the events of one training step; each event's item is a negative for the others.")
BATCH_SIZE = Sentence("The number of queries or items in one call; one request alone is a batch of 1.")
AUC = Sentence(
    "AUC is how often an event with a choice scores higher than one without, where half of the ties count; 50% is "
    "guessing."
)
CALIBRATION_ERROR = Sentence(
    "How far predicted chances are from what happened: the mean gap over ten groups of equally many events."
)
CHANCE = Sentence("How likely a difference at least as large would be by luck alone.")
CLAIMS = Sentence("Studies whose verdict claimed a difference.")
CROSS = Sentence("A cross is two fields or more whose values matter together, beyond what each adds alone.")
CROSS_LAYER = Sentence("A cross layer multiplies the input fields (x0) with what the layer below it puts out.")
DATA = Sentence("Where the events come from.")
DENSE = Sentence("Dense parameters are all learned numbers outside the embedding tables.")
DIFFERENCE = Sentence("The arm minus the one it is compared with, for the same users and seeds.")
DEEP = Sentence(
    "The deep network (MLP) is a stack of ordinary layers: each mixes its inputs, then bends the result (a "
    "nonlinearity)."
)
EFFECTIVE_RANK = Sentence("The effective rank says how many directions the vectors use.")
CKA = Sentence("CKA says how alike two sets of vectors are; 1 is the same up to rotation and scale.")
EMBEDDING = Sentence("An embedding is the row of numbers (vector) that a model learns for one value of a field.")
EVENT = Sentence("An event is a query (who chose, and when) together with the item that was chosen.")
FIELD = Sentence("A field is one thing that is known about a query or an item, such as its department.")
FLOPS = Sentence(
    "FLOPs count the additions and multiplications in the matrix products for one query and one item; elementwise work "
    "is left out."
)
GROUPED_AUC = Sentence(
    "Grouped AUC is the mean over users of how often what a user chose scores above what this user did not choose."
)
HOLM = Sentence("Holm's method makes tests stricter where several are made, so that luck is not taken for a finding.")
INTERVAL = Sentence("The 95% interval is the range of true values that fit what was measured.")
IN_BATCH = Sentence("In-batch negatives are the items of a batch's other events; the model learns to rank them lower.")
ITEM = Sentence("An item is one of the things that every query ranks; all of them are the catalogue.")
ITEM_KNN = Sentence("Items whose 200 nearest (cosine) hold what this user had in the training part; then popularity.")
LOG_LOSS = Sentence("Log loss is the mean of minus the logarithm of the chance given to what happened; less is better.")
LOG_Q = Sentence(
    "The logQ correction makes up for popular items being in-batch negatives more often than rare ones, by taking off "
    "each item's log probability."
)
MRR = Sentence("MRR is the mean of 1 divided by the rank of the chosen item.")
NDCG = Sentence("NDCG@K counts a chosen item among the first K more, the higher it ranks.")
OWN_HISTORY = Sentence("What this user had in the training part, the most often first; then popularity.")
ORACLE = Sentence("The best scores that can be known: those that made the data, without each event's own taste.")
PERCENT = Sentence("The difference as a share of the baseline's value.")
POINTS = Sentence("The difference in percentage points.")
POPULARITY = Sentence("One list for everybody: items by their count in the training part.")
PURE_SVD = Sentence("PureSVD: 50 factors of who had what in the training part (log counts); then popularity.")
RANK = Sentence("The place of an item in the list of the whole catalogue; 1 is the best.")
RECALL = Sentence("Recall@K is how often the chosen item is among the first K of the whole catalogue.")
RANKING = Sentence("Say how likely an item is to be chosen: one network reads the fields of query and item together.")
RETRIEVAL = Sentence("Find the chosen item among all others: a tower each for query and item, and one product.")
RUN = Sentence("A run is one comparison: its data, its arms and all their trainings.")
SEED = Sentence("A seed sets the random start of a training; every arm is trained once from each seed.")
SPEED = Sentence("Training examples per second of this machine, with all arms training at once.")
STATE = Sentence("How the work ended, or how far it is.")
TOWER = Sentence("A model has two towers: one turns a query into a vector, the other an item.")
TRIAL = Sentence("A trial is one choice of settings that an arm tries before the comparison.")
UNTIL_SURE = Sentence(
    "Adds two seeds at a time until every arm differs from the baseline, or no difference that matters is left; the "
    "intervals count every look."
)
USER = Sentence("A user is who events belong to; the verdict counts each user once.")
VERDICT = Sentence("Better or worse if the interval excludes zero; otherwise no detectable difference.")
WIRING = Sentence("A wiring is how the cross network and the deep network (MLP) are arranged in a tower.")
X0 = Sentence("x0 is the input of a tower: the embeddings and numbers of all its fields, one after the other.")

ADJUSTED = Sentence(f"{CHANCE} {HOLM}")
ALL_PARAMETERS = Sentence("All learned numbers, embedding tables included.")
ANY_K = Sentence("Studies that claimed a difference at any K.")
BUILT_IN = Sentence("How long it takes to build the index of all items.")
CORRELATION = Sentence("How alike two lists of scores rise and fall; 1 is the same, 0 is unrelated.")
ERROR = Sentence("The root mean squared error on draws that were not trained on.")
INDEX = Sentence("How the items nearest to a query are searched for.")
LISTED = Sentence("The share of the first items of an exact search that this one finds, too.")
LOST = Sentence("How many points of recall are lost against an exact search.")
MEAN_POINTS = Sentence("The mean difference over all studies, in percentage points.")
MINUS = Sentence("The arm that the first one is compared with.")
MISMATCH = Sentence("How much larger the arm is than the one it is compared with, in dense parameters.")
OTHER_RECALL = Sentence("Recall of the arm that the first one is compared with.")
P50 = Sentence("Half of the calls take less time than this.")
P95 = Sentence("95% of the calls take less time than this.")
P99 = Sentence("99% of the calls take less time than this.")
WHOLE_P50 = Sentence("Tower and search together: half of the calls take less time than this.")
WHOLE_P95 = Sentence("Tower and search together: 95% of the calls take less time than this.")
SEARCH_TIME = Sentence("The search alone: half of the calls take less time than this.")
TOWER_TIME = Sentence("The query tower alone: half of the calls take less time than this.")
VALIDATION = Sentence("Validation events choose the best step of a training; models do not learn from them.")
WORLDS = Sentence("How many data sets were drawn with the same settings.")
WRONG_SIGN = Sentence("Claims in the wrong direction.")

TERMS = {
    "95% interval": INTERVAL,
    "after holm": ADJUSTED,
    "against": MINUS,
    "against exact, points": LOST,
    "any k": ANY_K,
    "arm": ARM,
    "auc": AUC,
    "baseline": BASELINE,
    "batch": BATCH,
    "built in": BUILT_IN,
    "batch size": BATCH_SIZE,
    "calibration error": CALIBRATION_ERROR,
    "cka": CKA,
    "claims": CLAIMS,
    "correlation": CORRELATION,
    "cross": CROSS,
    "cross layer": CROSS_LAYER,
    "data": DATA,
    "deep network": DEEP,
    "dense": DENSE,
    "dense parameters": DENSE,
    "difference": DIFFERENCE,
    "effective rank": EFFECTIVE_RANK,
    "embedding": EMBEDDING,
    "event": EVENT,
    "examples/s": SPEED,
    "field": FIELD,
    "flops": FLOPS,
    "grouped auc": GROUPED_AUC,
    "holm": HOLM,
    "in-batch negatives": IN_BATCH,
    "index": INDEX,
    "interval": INTERVAL,
    "item": ITEM,
    "item-knn": ITEM_KNN,
    "log loss": LOG_LOSS,
    "logq correction": LOG_Q,
    "mean points": MEAN_POINTS,
    "minus": MINUS,
    "mismatch": MISMATCH,
    "mrr": MRR,
    "ndcg": NDCG,
    "oracle": ORACLE,
    "of the exact list": LISTED,
    "of the other": OTHER_RECALL,
    "own history": OWN_HISTORY,
    "p": CHANCE,
    "p, all counted": ADJUSTED,
    "p50": P50,
    "p95": P95,
    "p99": P99,
    "parameters": ALL_PARAMETERS,
    "percent": PERCENT,
    "points": POINTS,
    "popularity": POPULARITY,
    "puresvd": PURE_SVD,
    "rank": RANK,
    "recall": RECALL,
    "rmse": ERROR,
    "run": RUN,
    "search p50": SEARCH_TIME,
    "seed": SEED,
    "state": STATE,
    "tower": TOWER,
    "tower p50": TOWER_TIME,
    "trial": TRIAL,
    "until sure": UNTIL_SURE,
    "run until sure": UNTIL_SURE,
    "user": USER,
    "validation": VALIDATION,
    "verdict": VERDICT,
    "whole p50": WHOLE_P50,
    "whole p95": WHOLE_P95,
    "wiring": WIRING,
    "world": WORLDS,
    "wrong sign": WRONG_SIGN,
    "x0": X0,
}
"""Every term as labels write it, in small letters and as one."""

DRAWN = {
    "cross": Sentence("A table of stores by hours, in which one store at one hour is coloured."),
    "cross layer": Sentence("x0 and x1 meet in a multiplication, and x2 comes out of it."),
    "deep network": Sentence("Three columns of points, each joined to all points of the next column."),
    "wiring": Sentence("On the left the MLP on top of the cross network; on the right both side by side."),
    "tower": Sentence("A query and an item each become a row of numbers, and the two rows give a score."),
    "x0": Sentence("The numbers of store, hour and age in one row."),
    "field": Sentence("A list with store, hour and weekday, each with its value."),
    "embedding": Sentence("The value 10 h turns into a row of five numbers."),
    "event": Sentence("An arrow from a shopper to the milk that was chosen."),
    "in-batch negatives": Sentence("Three queries by three items: a plus on the diagonal, a minus everywhere else."),
    "logq correction": Sentence("A popular item is taken down far, a rare one only a little."),
    "recall": Sentence("A list with the chosen item in third place, above a line after the fourth."),
    "rank": Sentence("A numbered list with the chosen item in third place."),
    "popularity": Sentence("Bars that fall from the most popular item to the rarest."),
    "arm": Sentence("Two lanes, parallel and sequential, that lead to the same line."),
    "baseline": Sentence("A point on a dashed line, and another one above it."),
    "seed": Sentence("Three curves that begin together and end a little apart."),
    "95% interval": Sentence("A point with a bar around it, to the right of zero."),
    "dense parameters": Sentence("Two blocks: the embedding tables, and everything else, which is coloured."),
    "flops": Sentence("A times b plus c times d: three operations, each marked."),
}
"""Twenty terms to learn first, each with what its picture shows (`pdcn.shell.pictures`)."""


WRITTEN = {
    "deep network": "deep network|MLP",
    "95% interval": "95% interval|interval",
    "cross": r"(?<!curves )cross(?! lab|\()",
    "rank": "(?<=at )rank",
}
"""How a text writes a term, as a pattern, where that is not by its name alone; the rank of a matrix is another one, and
so is what curves do."""
_LONGEST_FIRST = sorted(DRAWN, key=len, reverse=True)
_ANY = re.compile(
    rf"(?<!\w)(?:{'|'.join(f'({WRITTEN.get(term, term)})(?:e?s)?' for term in _LONGEST_FIRST)})(?!\w)", re.IGNORECASE
)


def terms_in(text: str) -> list[tuple[str, int, int]]:
    """Those of the twenty terms that a text speaks of, with where each stands; a cross layer is no cross.

    >>> terms_in("The curves cross.")
    []

    >>> [found[0] for found in terms_in("Each seed trains two cross layers and an MLP. The interval is of all seeds.")]
    ['seed', 'cross layer', 'deep network', '95% interval', 'seed']
    """
    return [(_LONGEST_FIRST[(found.lastindex or 1) - 1], *found.span()) for found in _ANY.finditer(text)]


def explained(label: str) -> str | None:
    """The sentence that explains a label; None where it is no term.

    Terms of several, of any K and of one arm are those of one, of all and of any.

    >>> [explained(label) == RECALL for label in ("Recall@100", "recall", "validation recall@20 (%)", "parallel, recall@100")]
    [True, True, True, True]
    >>> explained("colour") is None
    True
    """  # noqa: E501
    plain = re.sub(r"@\d*k?\b|\s*\(.*\)|^validation |^test ", "", label.lower()).strip()
    for said in (plain, plain.removesuffix("s"), plain.rpartition(", ")[2]):
        if said in TERMS:
            return TERMS[said]
    return None
