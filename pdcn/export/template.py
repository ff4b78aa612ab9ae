"""What files of plain towers are written with: imports, how to load and use them, and the parts that some have."""

from __future__ import annotations

TOLD = '''"""Two towers of a retrieval model in plain PyTorch.

The score of an item is query_tower(...) @ item_tower(...).T / TEMPERATURE.

It needs torch, and safetensors to read the weights. Beside it lie

    towers.safetensors     the weights of both towers
    vocabularies.json      what each code and each number means, and the names of the items
    check.safetensors      some rows with what the towers made of them: run this file to compare

    query_tower, item_tower = load()
    vectors = query_tower(*encode([{"name of a field": "its value"}], "query"))

Shapes: B rows, D width of x0.
"""
'''
TOLD_OF_ONE = '''"""A ranking model in plain PyTorch, which reads a query and an item together.

Of a row it makes one number, a logit: the chance of a choice is torch.sigmoid(logit).

It needs torch, and safetensors to read the weights. Beside it lie

    towers.safetensors     the weights
    vocabularies.json      what each code and each number means, and the names of the items
    check.safetensors      some rows with what the model made of them: run this file to compare

    ranking = load()
    logits = ranking(*encode([{"name of a field": "its value"}]))

A field of the item whose name the query has too is called item_NAME. Shapes: B rows, D width of x0.
"""
'''
HEADER = """
from __future__ import annotations

import json
{imports}{needs}from pathlib import Path

import torch
from torch import Tensor, nn

FOLDER = Path(__file__).parent
"""
LOAD = '''def load(folder: Path = FOLDER) -> tuple[QueryTower, ItemTower]:
    """Both towers with their trained weights, ready to be used."""
    from safetensors.torch import load_file

    weights = load_file(folder / "towers.safetensors")
    towers = QueryTower(), ItemTower()
    for side, tower in zip(("query.", "item."), towers):
        tower.load_state_dict({n[len(side) :]: w for n, w in weights.items() if n.startswith(side)})
        tower.eval()
    return towers
'''
LOAD_ONE = '''def load(folder: Path = FOLDER) -> RankingModel:
    """The model with its trained weights, ready to be used."""
    from safetensors.torch import load_file

    weights, model = load_file(folder / "towers.safetensors"), RankingModel()
    model.load_state_dict({n.removeprefix("joint."): w for n, w in weights.items()})
    return model.eval()
'''
SIDE, JOINT_SIDE = (
    ("side: str", 'side is "query" or "item".'),
    ('side: str = "joint"', "fields of query and item are together."),
)
ENCODE = '''def encode(rows: list[dict], side: str, folder: Path = FOLDER) -> tuple[Tensor, Tensor]:
    """Codes and numbers of rows, each a dict of raw values by field name; side is "query" or "item".

    A value that training never saw has code 0. A number that is missing becomes 0, the mean of the training part.
    """
    fields = json.loads((folder / "vocabularies.json").read_text(encoding="utf-8"))[side]
    codes: list[list[int]] = [[] for _ in rows]
    for field in fields["categories"]:
        known = {value: code for code, value in enumerate(field["values"])}
        for row, into in zip(rows, codes):
            value = row.get(field["name"])
            into.append(known.get("(missing)" if value is None else str(value), 0))
    for field in fields["bags"]:
        known = {value: code for code, value in enumerate(field["values"])}
        for row, into in zip(rows, codes):
            if "more" in field:
                into += _actions(row.get(field["name"]) or (), field)
                continue
            held = [code for value in row.get(field["name"]) or () if (code := known.get(str(value), 0))]
            into += (held + [0] * field["places"])[: field["places"]]
    numbers = [[_standard(row.get(field["name"]), field) for field in fields["numbers"]] for row in rows]
    width = len(fields["numbers"])
    return (
        torch.tensor(codes, dtype=torch.int64).reshape(len(rows), -1),
        torch.tensor(numbers, dtype=torch.float32).reshape(len(rows), width),
    )


def _actions(held: list[tuple], field: dict) -> list[int]:
    """Codes of actions, the latest first: of each its value, then whatever else the field knows of it."""
    codes: list[int] = []
    for at, channel in enumerate((field, *field["more"])):
        known = {value: code for code, value in enumerate(channel["values"])}
        own = [known.get(str(action[at]), 0) for action in held[: field["places"]]]
        codes += own + [0] * (field["places"] - len(own))
    return codes


def _standard(value: float | None, field: dict) -> float:
    if value is None or value != value:
        return 0.0
    raw = {"": float, "ln": math.log, "log1p": math.log1p}[field["log"]](value)
    return (raw - field["mean"]) / field["scale"]
'''
MAIN = """if __name__ == "__main__":
    from safetensors.torch import load_file

    rows = load_file(FOLDER / "check.safetensors")
    for side, tower in zip(("query", "item"), load()):
        with torch.inference_mode():
            made = tower(rows[side + ".codes"], rows[side + ".values"])
        apart = float((made - rows[side + ".vectors"]).abs().max())
        print(f"{side} tower: {len(made)} rows, largest difference {apart:.1e}")
"""
MAIN_OF_ONE = """if __name__ == "__main__":
    from safetensors.torch import load_file

    rows = load_file(FOLDER / "check.safetensors")
    with torch.inference_mode():
        made = load()(rows["joint.codes"], rows["joint.values"])
    print(f"ranking model: {len(made)} rows, largest difference {float((made - rows['joint.logits']).abs().max()):.1e}")
"""
BRIDGED = '''class Bridged(nn.Module):
    """A cross and a deep network that meet at a bridge after every layer (EDCN, CIKM 2021): (B, D) -> 3 x (B, D)."""

    def __init__(self, fields: tuple[int, ...], cross: list[nn.Module], deep: list[nn.Module]) -> None:
        super().__init__()
        self.cross, self.deep = nn.ModuleList(cross), nn.ModuleList(deep)
        self.to_cross = nn.ModuleList(FieldGate(fields) for _ in cross)
        self.to_deep = nn.ModuleList(FieldGate(fields) for _ in cross)

    def forward(self, x0: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        start, c, d, b = None, x0, x0, x0
        for to_cross, cross, to_deep, deep in zip(self.to_cross, self.cross, self.to_deep, self.deep):
            given = to_cross(b)
            start = given if start is None else start
            d, c = deep(to_deep(b)), cross(start, given)
            b = c * d
        return c, d, b
'''
MEAN_OF = '''def mean_of(embedding: nn.Embedding, codes: Tensor) -> Tensor:
    """The mean of the embeddings of the codes (B, places) that are not 0, (B, width); zeros where all are."""
    there = (codes > 0).to(embedding.weight.dtype)
    share = there / there.sum(1, keepdim=True).clamp_min(1)
    return (embedding(codes) * share[..., None]).sum(1)
'''
ACTIONS_OF = '''def actions_of(embeddings: nn.ModuleList, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Actions (B, places, width), each the sum of what is known of it, and which places have one (B, places).

    Codes (B, channels x places) are those of all places channel by channel; 0 stands for nothing known.
    """
    channels = codes.chunk(len(embeddings), 1)
    known = [(own > 0)[..., None].to(embeddings[0].weight.dtype) for own in channels]
    each = [embedding(own) * there for embedding, own, there in zip(embeddings, channels, known)]
    return torch.stack(each).sum(0), torch.stack(channels).amax(0) > 0
'''
HELPERS = {"mean_of": MEAN_OF, "actions_of": ACTIONS_OF}
"""Functions of the file, where it calls them."""
CLASS = '''class {name}(nn.Module):
    """{about}

    {shapes}
    """

    def __init__(self) -> None:
        super().__init__()
        {build}

    def forward(self, codes: Tensor, values: Tensor) -> Tensor:
        {run}
'''


def written(of_one: bool, temperature: float, more: str, needs: str, parts: list[str]) -> str:
    """A whole file: `parts` between its head and its tail, of two towers or of one network for both sides.

    `more` are lines that import modules, and `needs` those that import names of one.
    """
    head = HEADER.format(imports=more, needs=needs)
    if of_one:
        encode = ENCODE
        for plain, own in zip(SIDE, JOINT_SIDE, strict=True):
            encode = encode.replace(plain, own, 1)
        return "\n\n".join([TOLD_OF_ONE + head, *parts, LOAD_ONE, encode, MAIN_OF_ONE])
    return "\n\n".join([TOLD + head + f"TEMPERATURE = {temperature!r}\n", *parts, LOAD, ENCODE, MAIN])
