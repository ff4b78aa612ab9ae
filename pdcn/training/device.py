"""Where training runs: CUDA, then MPS, then CPU, or what the person names."""

from __future__ import annotations

import ctypes
import gc
import platform
import sys
from contextlib import suppress

import torch

from pdcn.host import cores
from pdcn.inert import quoted
from pdcn.settings import SettingError
from pdcn.training import words as say

DEVICES = ("auto", "cpu", "cuda", "mps")
TURN_SECONDS = 0.0005


def available() -> tuple[str, ...]:
    """Device kinds of this machine, the fastest first."""
    found = ["cuda"] if torch.cuda.is_available() else []
    found += ["mps"] if torch.backends.mps.is_available() else []
    return (*found, "cpu")


def pick(name: str = "auto") -> torch.device:
    """The device of that name; `auto` is the fastest there is.

    >>> pick("cpu")
    device(type='cpu')
    """
    if name not in DEVICES:
        raise SettingError(say.NO_SUCH_DEVICE(known=", ".join(DEVICES), name=quoted(name)))
    here = available()
    if name != "auto" and name not in here:
        raise SettingError(say.NO_DEVICE_HERE(here=", ".join(here), name=quoted(name)))
    return torch.device(here[0] if name == "auto" else name)


def describe(device: torch.device) -> str:
    """The device in words, for a run's record."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return f"{device.type} ({platform.machine()}, {cores()} cores)"


def one_thread() -> None:
    """One thread an operation from now on: small products are not shared, least of all with whoever else is at work."""
    torch.set_num_threads(1)


def calm_threads() -> None:
    """One thread an operation, tiny numbers flushed to zero; call it in every thread that trains.

    Arms train beside each other, one a core, which beats sharing every small matrix product among
    cores; and one thread gives the same sums on every machine. Probabilities under 1e-38, of which a
    softmax has many, cost many times an ordinary number otherwise. The interpreter changes threads
    sooner than by default, for a product is often over before another thread's turn would end.
    """
    sys.setswitchinterval(TURN_SECONDS)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def give_back() -> None:
    """Give the memory back that is held for nobody: what cycles keep, what torch keeps of a GPU, and what the
    allocator keeps of this process. Where the system has no way to do so, it is left."""
    gc.collect()
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)
