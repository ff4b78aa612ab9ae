"""Every sentence of a report that its sheet does not have."""

from __future__ import annotations

from pdcn.words import Sentence

OF_RUN = Sentence("Run {run}", run="20261126-101010-abcd")
VERDICT = Sentence("Verdict")
CURVE_READ = Sentence("Solid and dashed lines are the arms.")
CURVE_BANDS = Sentence("They are averaged over seeds. Bands run from the lowest to the highest seed.")
AT_K = Sentence("{metric}@K (%) against K, items returned", metric="recall")
NO_CURVE = Sentence("Nothing is known by K here, so there is no curve.")
SLICES = Sentence("By slice")
SLICES_READ = Sentence("Filled: significant even after testing all slices of its kind.")
COST = Sentence("Cost")
REASON = Sentence("Why")
HOW_SURE = Sentence("How sure, and what is against it")
SETTLE = Sentence("What would settle it")
AGAIN = Sentence("The same run again")
AGAIN_READ = Sentence(
    "This command repeats the run. On the same processor and the same torch it gives the same numbers to the last "
    "digit; elsewhere, sums are rounded differently."
)
FACTS = Sentence("What it was made of")
GAIN_AXIS = Sentence("{metric}, {arm} minus {against}", metric="recall@100", arm="parallel", against="sequential")

RUN = Sentence("run")
EXPERIMENT = Sentence("settings, hash")
DATA = Sentence("data, hash")
DATA_OF = Sentence("{data}, {hash}", data="The Complete Journey", hash="471e3edf86f9")
SEEDS = Sentence("seeds")
DEVICE = Sentence("trained on")
TORCH = Sentence("torch")
PROCESSOR = Sentence("processor")
PROCESSOR_OF = Sentence("{processor}, {instructions}", processor="Intel Xeon", instructions="AVX512")
TRAINING = Sentence("version of the training")

# what is said where there is nothing to report

NOT_ENDED = Sentence(
    "run {run}: expected one that has ended, but it is {state}; wait until it is done, or stop it",
    run="20261126-101010-abcd",
    state="running",
)
NO_RESULT = Sentence(
    "run {run}: expected one with a result, but it ended before it had one; train it again, or report another",
    run="20261126-101010-abcd",
)
