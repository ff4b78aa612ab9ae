"""What the machines of a cluster have room for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def one_kind(nodes: Sequence[Mapping[str, Any]], wants: Mapping[str, float]) -> dict[str, Any]:
    """What keeps all cells of a run on one kind of GPU: that of which the cluster has most."""
    if "num_gpus" not in wants:
        return {}
    counted: dict[str, float] = {}
    for node in nodes:
        for name in node["Resources"] if node["Alive"] else ():
            if name.startswith("accelerator_type:"):
                counted[name] = counted.get(name, 0.0) + node["Resources"].get("GPU", 0.0)
    return {"resources": {max(counted, key=counted.__getitem__): 0.001}} if counted else {}


def room_of(nodes: Sequence[Mapping[str, Any]], wants: Mapping[str, Any]) -> int:
    """How many cells the living machines have room for, be they busy or not."""
    asked = {"CPU": wants["num_cpus"], "GPU": wants.get("num_gpus", 0.0), **wants.get("resources", {})}
    each = (
        min(math.floor(node["Resources"].get(name, 0.0) / least + 1e-9) for name, least in asked.items() if least)
        for node in nodes
        if node["Alive"]
    )
    return sum(each)
