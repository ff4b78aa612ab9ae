"""Ways to find the K items of highest score for a query vector: all of them, or an approximate index of faiss.

Shapes: b queries, N items, H output width. faiss is imported only where an index is made.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any, cast

import numpy as np
from torch import Tensor

from pdcn.arrays import Floats, Ints
from pdcn.evaluation.timing import threads
from pdcn.export.item_index import library
from pdcn.host import cores

Search = Callable[[Tensor], Ints]
"""Query vectors (b, H) -> the positions (b, K) of their items, best first, on the host; -1 where fewer were found."""
NEIGHBOURS, CAREFUL = 16, 80
"""HNSW: links of an item at each level (M), and candidates kept while building (efConstruction)."""
PROBES = (1, 4, 16)
"""IVF: lists that are looked through (nprobe)."""
PART = 250_000
"""Items that are in memory at once where an index on disk is made."""
POINTS_A_LIST = 39
"""Fewer points than this for each list, and faiss warns that its lists are badly placed."""


@dataclass(frozen=True)
class Index:
    """A way to search with one setting; `build_seconds` is 0 where there is nothing to build."""

    index: str
    setting: str
    build_seconds: float
    search: Search

    @property
    def name(self) -> str:
        """What tells it from the others of the same items."""
        return f"{self.index} {self.setting}"


def indexes(items: Tensor, k: int, seed: int = 0) -> list[Index]:
    """Exact search by torch and by faiss, HNSW with three efSearch, IVF with up to three nprobe, over items (N, H).
    Where the system can map lists from a file, also IVF with its lists on disk, with the last nprobe.

    Scores are dot products. HNSW keeps at least K candidates, so efSearch begins at K. Built with the threads that
    faiss has at the moment; HNSW built by several is not bitwise the same twice.
    """
    faiss = library()
    k, width = min(k, len(items)), items.shape[1]
    vectors = np.ascontiguousarray(items.cpu().numpy(), dtype=np.float32)  # (N, H)
    flat = faiss.IndexFlatIP(width)
    found = [
        Index("exact", "torch", 0.0, _by_torch(items, k)),
        Index("exact", "faiss flat", _filled(flat, vectors), _by_faiss(flat, k)),
    ]
    graph = faiss.IndexHNSWFlat(width, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = CAREFUL
    seconds = _filled(graph, vectors)
    for wide in (k, 2 * k, 4 * k):
        how = faiss.SearchParametersHNSW(efSearch=wide)
        found.append(Index("hnsw", f"efSearch {wide}", seconds, _by_faiss(graph, k, how)))
    lists = max(1, min(isqrt(len(items)), len(items) // POINTS_A_LIST))
    inverted = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, lists, faiss.METRIC_INNER_PRODUCT)
    inverted.cp.seed = seed
    seconds = _filled(inverted, vectors)
    every = sorted({min(probes, lists) for probes in PROBES})
    for probes in every:
        how = faiss.SearchParametersIVF(nprobe=probes)
        found.append(Index("ivf", f"nprobe {probes} of {lists}", seconds, _by_faiss(inverted, k, how)))
    if hasattr(faiss, "OnDiskInvertedLists"):  # not on Windows
        begun = time.perf_counter()
        kept = on_disk(inverted.quantizer, vectors)
        seconds = time.perf_counter() - begun
        how = faiss.SearchParametersIVF(nprobe=every[-1])
        found.append(Index("ivf_disk", f"nprobe {every[-1]} of {lists}", seconds, _by_faiss(kept, k, how)))
    return found


def on_disk(quantizer: Any, vectors: Floats, part: int = PART) -> Any:
    """An IVF index of vectors (N, H) around trained centres, whose lists lie in a file that is mapped.

    It is made of so many vectors at a time, each part an index in a file of its own, which are then merged, so that the
    vectors may be mapped themselves and more than memory holds. The file goes with the index. Each search reads ahead
    with a thread a core: with the 32 of faiss, of a file in memory, their start is most of what a search takes.
    """
    faiss = library()
    from faiss.contrib.ondisk import merge_ondisk

    def empty() -> Any:
        return faiss.IndexIVFFlat(quantizer, vectors.shape[1], quantizer.ntotal, faiss.METRIC_INNER_PRODUCT)

    found = empty()
    with tempfile.TemporaryDirectory() as folder:  # what is mapped stays after its name is gone
        files = []
        for at in range(0, len(vectors), part):
            own, name = empty(), str(Path(folder, f"{at}.index"))
            held = np.ascontiguousarray(vectors[at : at + part])
            own.add_with_ids(held, np.arange(at, at + len(held)))
            faiss.write_index(own, name)
            files.append(name)
        with _unsaid():
            merge_ondisk(found, files, str(Path(folder, "lists")))
    faiss.downcast_InvertedLists(found.invlists).prefetch_nthread = cores()
    return found


@contextmanager
def _unsaid() -> Iterator[None]:
    """Nothing goes to the standard output inside the block: faiss says there how large its file is, in the midst of
    what another program may read as JSON."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # what C holds back would come out later
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def faiss_threads(count: int) -> AbstractContextManager[None]:
    """As `threads`, of a search of faiss."""
    faiss = library()
    return threads(count, faiss.omp_get_max_threads, faiss.omp_set_num_threads)


def _filled(index: Any, vectors: Floats) -> float:
    """Train the index where it needs it, add the vectors; the seconds that took."""
    begun = time.perf_counter()
    index.train(vectors)
    index.add(vectors)
    return time.perf_counter() - begun


def _by_torch(items: Tensor, k: int) -> Search:
    columns = items.T.contiguous()  # (H, N)
    return lambda query: cast(Ints, (query @ columns).topk(k).indices.cpu().numpy())


def _by_faiss(index: Any, k: int, how: Any = None) -> Search:
    return lambda query: cast(Ints, index.search(query.cpu().numpy(), k, params=how)[1])
