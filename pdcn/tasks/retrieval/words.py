"""What is said where outcomes leave nothing to learn from or to judge by."""

from pdcn.words import Sentence

NOTHING_TO_LEARN = Sentence(
    "outcomes: expected training events of {outcome} with a weight above 0, got none; raise a weight or take more data",
    outcome="conversion",
)
NOTHING_TO_JUDGE = Sentence(
    "outcome: expected {part} events of {outcome}, got none; choose another outcome or take more data",
    part="test",
    outcome="conversion",
)
