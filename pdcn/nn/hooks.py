"""Looking at what the modules of a model are given and put out, or putting something else in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

Hook = Callable[..., Any]
"""Called with a module, what it was given, and what it puts out."""


@contextmanager
def hooked(*hooks: tuple[nn.Module, Hook]) -> Iterator[None]:
    """Forward hooks on modules for as long as the block lasts; a hook that returns a tensor replaces the output."""
    handles = [module.register_forward_hook(hook) for module, hook in hooks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
