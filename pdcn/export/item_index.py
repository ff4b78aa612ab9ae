"""The items of one arm and seed as a faiss index of inner products, exact."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from pdcn.export.chosen import Chosen
from pdcn.tasks.retrieval.ranks import encode_rows

READ_ME = """Read the index with faiss, search it with vectors of the query tower, and look names up by place:

    import faiss, json
    index = faiss.read_index("items.faiss")
    scores, places = index.search(query_vectors, 10)   # query_vectors: (B, {width}) float32
    names = json.load(open("items.json"))

A score is an inner product. Divided by the temperature, {temperature:.6g}, it is what the model was trained on.
The index searches exactly. Faster ones that miss a little are compared on the Latency page.
"""


def library() -> Any:
    """faiss, whose bindings some Pythons warn about as they load."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import faiss
    return faiss


def write(chosen: Chosen, out: Path) -> None:
    """items.faiss with a row for each item, items.json with their names, in that order."""
    faiss, run = library(), chosen.run
    model = run.model(chosen.arm, chosen.seed)
    vectors = encode_rows(model.item, run.data.items).numpy()
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    # by bytes, since faiss says little of a disk that is full
    (out / "items.faiss").write_bytes(faiss.serialize_index(index).tobytes())
    names = list(run.data.dataset.item_names)
    (out / "items.json").write_text(json.dumps(names, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    told = READ_ME.format(width=vectors.shape[1], temperature=float(model.temperature))
    (out / "README.txt").write_text(told, encoding="utf-8")
