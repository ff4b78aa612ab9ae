"""The towers once more, in plain NumPy, written from the paper's equations and not from `pdcn.nn`.

One example at a time, one vector at a time: weights come by the name they have in a state dict.
Equation numbers are those of DCN-V2 (arXiv 2008.13535). Widths: D of x0, r rank, K experts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pdcn.config import Network
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import BagField, CategoryField, NumberField

Array = NDArray[np.float64]
Weights = Mapping[str, Array]


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def softmax(x: Array) -> Array:
    shares = np.exp(x - x.max())
    return np.asarray(shares / shares.sum())


def relu(x: Array) -> Array:
    return np.where(x > 0, x, 0.0)


def gelu(x: Array) -> Array:
    return np.array([v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x])


def silu(x: Array) -> Array:
    return x * sigmoid(x)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"relu": relu, "gelu": gelu, "silu": silu, "tanh": np.tanh}
INNER: dict[str, Callable[[Array], Array]] = {"tanh": np.tanh, "relu": relu}
GATES: dict[str, Callable[[Array], Array]] = {"softmax": softmax, "sigmoid": sigmoid}


def linear(weights: Weights, name: str, x: Array) -> Array:
    return weights[f"{name}.weight"] @ x + weights[f"{name}.bias"]


def full(weights: Weights, name: str, x0: Array, xl: Array) -> Array:
    """Eq. (1): x0 * (W xl + b) + xl."""
    return x0 * linear(weights, f"{name}.W", xl) + xl


def low_rank(weights: Weights, name: str, x0: Array, xl: Array) -> Array:
    """Eq. (2): x0 * (U (V^T xl) + b) + xl, through the D x D product U V^T."""
    product = weights[f"{name}.U.weight"] @ weights[f"{name}.V.weight"]
    return x0 * (product @ xl + weights[f"{name}.U.bias"]) + xl


def mixture(weights: Weights, name: str, x0: Array, xl: Array, network: Network) -> Array:
    """Eq. (3), sum_i G_i E_i + xl, and Eq. (4) where there is an inner nonlinearity g."""
    shares = GATES[network.gate](weights[f"{name}.gate.weight"] @ xl)
    total = xl.copy()
    for i in range(network.experts):
        low = weights[f"{name}.V"][i] @ xl
        if network.inner != "none":
            g = INNER[network.inner]
            low = g(weights[f"{name}.C"][i] @ g(low))
        expert = x0 * (weights[f"{name}.U"][i] @ low + weights[f"{name}.b"])
        total = total + shares[i] * expert
    return total


def dcn_v1(weights: Weights, name: str, x0: Array, xl: Array) -> Array:
    """DCN (arXiv 1708.05123), Eq. (3): x0 xl^T w + b + xl, through the D x D outer product."""
    crossed: Array = np.outer(x0, xl) @ weights[f"{name}.w.weight"][0]
    return crossed + weights[f"{name}.b"] + xl


def gated(weights: Weights, name: str, x0: Array, xl: Array) -> Array:
    """GDCN (arXiv 2311.04635): x0 * (W xl + b) * sigmoid(G xl) + xl."""
    return x0 * linear(weights, f"{name}.W", xl) * sigmoid(weights[f"{name}.G.weight"] @ xl) + xl


def masked(weights: Weights, name: str, x0: Array, xl: Array) -> Array:
    """FCN (arXiv 2407.13349), linear: x0 * ([c ; Mask(c)] + b) + xl, one number of c at a time."""
    rows = weights[f"{name}.W.weight"]
    c = np.array([sum(row * xl) for row in rows])
    level, spread = c.mean(), math.sqrt(((c - c.mean()) ** 2).mean() + 1e-5)
    factors = list(c)
    for at, value in enumerate(c):
        normed = (value - level) / spread * weights[f"{name}.norm.weight"][at] + weights[f"{name}.norm.bias"][at]
        factors.append(value * max(0.0, normed))
    return x0 * (np.array(factors[: len(x0)]) + weights[f"{name}.b"]) + xl


def exponential(weights: Weights, name: str, x0: Array, xl: Array) -> Array:
    """FCN, exponential: the same with xl in place of x0."""
    return masked(weights, name, xl, xl)


def attention(weights: Weights, name: str, xl: Array, fields: Sequence[int], heads: int) -> Array:
    """AutoInt (arXiv 1810.11921), Eq. (5) to (8): one field, one head, one other field at a time."""
    split = np.split(xl, np.cumsum(fields)[:-1])
    tokens = [
        weights[f"{name}.into.{m}.weight"] @ e if f"{name}.into.{m}.weight" in weights else e
        for m, e in enumerate(split)
    ]
    Q, K, V = (np.split(weights[f"{name}.{part}.weight"], heads) for part in "QKV")
    out = []
    for m, own in enumerate(tokens):
        found = []
        for h in range(heads):
            shares = softmax(np.array([(Q[h] @ own) @ (K[h] @ other) for other in tokens]))
            found.append(sum(share * (V[h] @ other) for share, other in zip(shares, tokens, strict=True)))
        e = relu(np.concatenate(found) + weights[f"{name}.R.weight"] @ own)
        back = f"{name}.back.{m}.weight"
        out.append(weights[back] @ e if back in weights else e)
    return np.concatenate(out)


def crosses(weights: Weights, name: str, x0: Array, start: Array, network: Network) -> Array:
    """All cross layers, each with the same x0."""
    x = start
    for depth in range(network.cross_layers):
        x = cross(weights, f"{name}.layers.{depth}", x0, x, network)
    return x


def cross(weights: Weights, layer: str, x0: Array, xl: Array, network: Network) -> Array:
    """One cross layer of the network's kind."""
    if network.cross == "full":
        return full(weights, layer, x0, xl)
    if network.cross == "low_rank":
        return low_rank(weights, layer, x0, xl)
    if network.cross in ("masked", "exponential"):
        return {"masked": masked, "exponential": exponential}[network.cross](weights, layer, x0, xl)
    return mixture(weights, layer, x0, xl, network)


def bridged(
    weights: Weights, name: str, x0: Array, network: Network, *, bypassed: bool = False
) -> list[tuple[Array, Array, Array]]:
    """EDCN (DOI 10.1145/3459637.3481915): cross, deep and bridge of every layer, from (x0, x0, x0) upwards.

    Fields are as wide as an embedding, and numbers behind them. Bypassed crosses pass on what they are given.
    """
    found, start = [(x0, x0, x0)], x0
    for at in range(network.cross_layers):
        given = []
        for gate in ("to_cross", "to_deep"):
            w = weights[f"{name}.{gate}.{at}.w"]
            wide = (len(x0) - len(w)) // (network.embedding - 1)
            shares = len(w) * softmax(w)
            given.append(found[-1][2] * np.repeat(shares, [network.embedding] * wide + [1] * (len(w) - wide)))
        start = start if at else given[0]
        c = given[0] if bypassed else cross(weights, f"{name}.cross.layers.{at}", start, given[0], network)
        d = deep(weights, f"{name}.deep.{at}", given[1], network, 1)
        found.append((c, d, c * d))
    return found


def deep(weights: Weights, name: str, x: Array, network: Network, depth: int) -> Array:
    """`depth` layers: linear, layer norm where wanted, activation. No dropout."""
    for i in range(depth):
        x = linear(weights, f"{name}.linears.{i}", x)
        if network.layer_norm:
            scale = math.sqrt(((x - x.mean()) ** 2).mean() + 1e-5)
            x = (x - x.mean()) / scale
            x = x * weights[f"{name}.norms.{i}.weight"] + weights[f"{name}.norms.{i}.bias"]
        x = ACTIVATIONS[network.activation](x)
    return x


def wiring(weights: Weights, name: str, kind: str, x0: Array, network: Network) -> Array:
    """The wiring `kind` of one x0 (D,)."""

    def cross_of(start: Array) -> Array:
        return crosses(weights, f"{name}.cross", x0, start, network)

    def deep_of(x: Array, part: str = "deep") -> Array:
        return deep(weights, f"{name}.{part}", x, network, len(network.deep))

    if kind == "parallel":
        return np.concatenate([cross_of(x0), deep_of(x0)])
    if kind == "parallel_sum":
        return linear(weights, f"{name}.combine.project", cross_of(x0)) + deep_of(x0)
    if kind == "parallel_gated":
        c, d = linear(weights, f"{name}.combine.project", cross_of(x0)), deep_of(x0)
        g = sigmoid(linear(weights, f"{name}.combine.gate", np.concatenate([c, d])))
        return d + g * (c - d)
    if kind == "sequential":
        return deep_of(cross_of(x0))
    if kind == "stacked_parallel":
        return np.concatenate([deep_of(cross_of(x0)), deep_of(x0, "beside")])
    if kind == "deep_only":
        return deep_of(x0)
    if kind == "cross_only":
        return cross_of(x0)
    if kind == "deep_then_cross":
        return cross_of(linear(weights, f"{name}.project", deep_of(x0)))
    if kind == "sequential_skip_x0":
        return np.concatenate([deep_of(cross_of(x0)), x0])
    if kind == "sequential_skip_cross":
        return np.concatenate([deep_of(cross_of(x0)), cross_of(x0)])
    if kind == "wide_deep":
        return np.concatenate([x0, deep_of(x0)])
    if kind == "parallel_no_linear":
        return np.concatenate([cross_of(x0) - x0, deep_of(x0)])
    if kind == "linear":
        return x0
    if kind == "edcn":
        return np.concatenate(bridged(weights, f"{name}.bridged", x0, network)[-1])
    if kind == "fcn":
        both = {"exponential": "exponential", "linear": "masked"}
        networks = {part: network.model_copy(update={"cross": cross}) for part, cross in both.items()}
        return np.concatenate([crosses(weights, f"{name}.{part}", x0, x0, own) for part, own in networks.items()])
    raise KeyError(kind)


def tower(
    weights: Weights, kind: str, network: Network, sizes: Sequence[int], codes: NDArray[np.int32], values: Array
) -> Array:
    """A whole tower: codes (B, F), values (B, M) -> (B, H), for fields of these sizes."""
    tables = np.split(weights["embedding.weight"], np.cumsum(sizes)[:-1])
    rows = []
    for own_codes, own_values in zip(codes, values, strict=True):
        looked_up = [table[code] for table, code in zip(tables, own_codes, strict=True)]
        x0 = np.concatenate([*looked_up, own_values])
        x = wiring(weights, "wiring", kind, x0, network)
        x = deep(weights, "hidden", x, network, len(network.head))
        x = linear(weights, "head", x)
        rows.append(x / math.sqrt((x**2).sum()) if network.normalise else x)
    return np.array(rows)


def table(sizes: Sequence[int], numbers: int, rows: int, seed: int, bags: Sequence[tuple[int, int]] = ()) -> Table:
    """A random table to feed a tower with: fields of these sizes, bags of these sizes and places, and numbers."""
    draws = np.random.default_rng(seed)
    codes = [draws.integers(0, size, rows, dtype=np.int32) for size in sizes]
    values = draws.normal(size=(rows, numbers)).astype(np.float32)
    held = [held_codes(draws, rows, *bag) for bag in bags]
    return Table(
        categories=tuple(
            CategoryField(f"f{i}", f"F{i}", tuple(f"v{j}" for j in range(size))) for i, size in enumerate(sizes)
        ),
        numbers=tuple(NumberField(f"n{i}", f"N{i}", "", 0.0, 1.0) for i in range(numbers)),
        codes=np.hstack([np.array(codes, np.int32).reshape(len(sizes), rows).T, *held]),
        values=values,
        bags=tuple(
            BagField(f"b{i}", f"B{i}", tuple(f"w{j}" for j in range(size)), places)
            for i, (size, places) in enumerate(bags)
        ),
    )


def held_codes(draws: np.random.Generator, rows: int, size: int, places: int) -> NDArray[np.int32]:
    """Bags (rows, places), each of several different values or of none; the first row is empty, the second full."""
    codes = np.argsort(draws.random((rows, size - 1)), axis=1)[:, :places].astype(np.int32) + 1
    count = draws.integers(0, places + 1, rows)
    count[:2] = 0, places
    return np.where(np.arange(places) < count[:, None], codes, 0).astype(np.int32)
