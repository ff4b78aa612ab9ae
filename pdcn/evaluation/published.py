"""What others published of the same blocks one after the other and side by side, in ranking: AUC, as they state it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One pair of figures of a paper: `stacked` and `parallel` AUC on some data."""

    paper: str
    data: str
    stacked: float
    parallel: float

    @property
    def difference(self) -> float:
        """Parallel minus stacked, a share."""
        return self.parallel - self.stacked


GDCN, MASKNET = "GDCN (CIKM 2023)", "MaskNet (2021)"
PUBLISHED = (
    Published(GDCN, "Criteo", 0.8158, 0.8161),
    Published(GDCN, "Avazu", 0.7905, 0.7909),
    Published(GDCN, "Malware", 0.7456, 0.7462),
    Published(GDCN, "Frappe", 0.9838, 0.9852),
    Published(GDCN, "ML-tag", 0.9645, 0.9663),
    Published(MASKNET, "Criteo", 0.8119, 0.8124),
    Published(MASKNET, "Malware", 0.7413, 0.7410),
    Published(MASKNET, "Avazu", 0.7877, 0.7872),
)
"""Single figures without intervals. GDCN: arXiv 2311.04635; MaskNet: arXiv 2102.07619."""
