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
