"""A trained model as plain PyTorch: one file that an engineer can paste into a code base, and its weights.

What stands in the file follows from the description of the tower's wiring (`pdcn.wirings`): a line for each part and
for what joins the branches. Cross layers are taken as they stand in the house (`pdcn.export.excerpt`).
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, cast

from torch import Tensor, nn

from pdcn.config import JOINT, Network
from pdcn.crossings import CROSSINGS
from pdcn.export import words as say
from pdcn.export.excerpt import Excerpts
from pdcn.export.template import BRIDGED, CLASS, ENCODE, HELPERS, written
from pdcn.inert import line
from pdcn.nn.bridged import BridgedNetwork, FieldGate
from pdcn.nn.joint import Joint, beside, without_rows
from pdcn.nn.mmoe import OfEach, SurfaceTower
from pdcn.nn.model import Model
from pdcn.nn.parts import ACTIVATIONS, DeepNetwork
from pdcn.nn.sequence import CROSSINGS_OF, WIDER, Actions
from pdcn.nn.tower import Tower, unit
from pdcn.nn.wired import Wired
from pdcn.settings import SettingError
from pdcn.sources.encoded_table import Table
from pdcn.sources.fields import SequenceField
from pdcn.wirings import X0, Part

CLASSES: dict[str, str] = {"query": "QueryTower", "item": "ItemTower", JOINT: "RankingModel"}
"""What the file calls each tower of a model, by its name."""
TAKEN = (
    *("self", "torch", "nn", "unit", "mean_of", "layer", "forward", "codes", "values", "fields", "x0"),
    *("joined", "gate", "embeddings", "hidden", "head", "join_project", "join_gate"),
    *("actions_of", "actions", "there", "whole", "at"),
    *("logits", "surface", "scale", "shift", "shares", "gates", "between"),
)
"""Names that a part can't have in the file, where they mean something else."""


class PlainTowers:
    """The towers of a model as `source`, one Python file, and `weights`, as its classes name them.

    They are those of both sides, or the one of a ranking model; `tables` has what each reads, by its name.
    `SettingError` of a model that can't be written so.
    """

    def __init__(self, model: Model, queries: Table, items: Table, networks: tuple[Network, Network]) -> None:
        self.excerpts = Excerpts()
        self.weights: dict[str, Tensor] = {}
        self.bridged = False
        self.tables: dict[str, Table] = {"query": queries, "item": items}
        own: dict[str, Network] = dict(zip(self.tables, networks, strict=True))
        joint = model if isinstance(model, Joint) else None
        if joint is not None:
            self.tables = {JOINT: beside(without_rows(queries), without_rows(items))}
            own = {JOINT: networks[0]}
        towers = [self._tower(name, model.tower(name), table, own[name], joint) for name, table in self.tables.items()]
        temperature = float(model.temperature.detach())
        if self.bridged:
            self.excerpts.take(FieldGate)
        parts = [*self.excerpts.texts.values(), *([BRIDGED] if self.bridged else []), *towers]
        body = "\n\n".join(part.rstrip() + "\n" for part in parts)
        needs = "from collections.abc import Sequence\n" if "Sequence[" in body else ""
        more = "".join(f"import {name}\n" for name in ("math",) if re.search(rf"\b{name}\.", body + ENCODE))
        helpers = [text for name, text in HELPERS.items() if f"{name}(" in body]
        self.source = written(joint is not None, temperature, more, needs, [*helpers, body])

    def module(self, side: str) -> nn.Module:
        """The tower of a side, made by the file's own source, with its weights; in evaluation mode."""
        known: dict[str, Any] = {"__name__": "tower", "__file__": "tower.py"}
        exec(compile(self.source, "tower.py", "exec"), known)
        made = cast(nn.Module, known[CLASSES[side]]())
        own = {name.removeprefix(f"{side}."): one for name, one in self.weights.items() if name.startswith(f"{side}.")}
        made.load_state_dict(own)
        return made.requires_grad_(False).eval()

    def _tower(self, side: str, tower: Tower, table: Table, network: Network, joint: Joint | None) -> str:
        build: list[str] = []
        self._embeddings(side, tower, table, build)
        run = [*self._fields(side, table, tower, network, build)]
        if isinstance(tower, SurfaceTower):
            self._mixed(side, tower, network, build, run)
        else:
            self._headed(side, tower, network, build, run)
        if joint is not None:
            self._calibrated(side, joint, build, run)
        length = ", each of length one" if tower.normalise else ""
        experts, which = len(tower.networks), "The one network" if joint else f"The {side} tower"
        if experts > 1:
            which = f"A mixture of {experts} experts, which each surface weighs in its own way. Each expert"
        return CLASS.format(
            name=CLASSES[side],
            about=f"{which}: {line(tower.networks[0].wiring.words)}.",
            shapes=f"Codes (B, {table.codes.shape[1]}) and numbers (B, {table.values.shape[1]}) -> "
            + ("logits (B,)." if joint else f"(B, {tower.head.out_features}){length}."),
            build="\n        ".join(build),
            run="\n        ".join(run),
        )

    def _headed(self, side: str, tower: Tower, network: Network, build: list[str], run: list[str]) -> None:
        """The wiring, and the head above it."""
        wired = tower.wiring
        joined = self._join(side, wired, self._wiring(side, wired, tower.fields, network, build, run), build, run)
        hidden = self._deep(f"{side}.hidden", tower.hidden, network)
        self._keep(f"{side}.head", tower.head)
        if tower.hidden.widths[1:]:
            build.append(f"self.hidden = {hidden}")
            joined = f"self.hidden({joined})"
        build.append(f"self.head = nn.Linear({tower.head.in_features}, {tower.head.out_features})")
        if tower.normalise:
            run.append(f"return {self.excerpts.take(unit)}(self.head({joined}))")
        else:
            run.append(f"return self.head({joined})")

    def _mixed(self, side: str, tower: SurfaceTower, network: Network, build: list[str], run: list[str]) -> None:
        """A wiring for each expert, the shares of a row's surface, and the small tower of that surface."""
        each = []
        for place, wired in enumerate(tower.networks, start=1):
            own = f"_of_{place}"
            ends = self._wiring(side, wired, tower.fields, network, build, run, own)
            each.append(self._join(side, wired, ends, build, run, own))
        made, surfaces = self.excerpts.take(OfEach), len(tower.gates.weight)
        self._keep(f"{side}.gates", tower.gates)
        build.append(f"self.gates = {made}({surfaces}, {tower.width}, {len(each)}, bias=False)")
        run += [
            f"surface = codes[:, {tower.surface}].long()",
            f"shares = torch.softmax(self.gates(x0, surface), -1)  # (B, {len(each)})",
            f"joined = (shares[..., None] * torch.stack(({', '.join(each)}), 1)).sum(1)",
        ]
        between = [f"nn.{ACTIVATIONS[network.activation].__name__}()"]
        between += [f"nn.Dropout({tower.dropout.p!r})"] if tower.dropout.p else []
        if len(tower.layers) > 1:
            build.append(f"self.between = nn.Sequential({', '.join(between)})")
        for at, layer in enumerate(cast(Iterable[OfEach], tower.layers)):
            self._keep(f"{side}.tower_{at}", layer)
            build.append(f"self.tower_{at} = {made}({surfaces}, {layer.into}, {layer.out})")
            run.append(f"joined = self.tower_{at}({'self.between(joined)' if at else 'joined'}, surface)")
        run.append("return joined")

    def _calibrated(self, side: str, joint: Joint, build: list[str], run: list[str]) -> None:
        """Make the head's number a logit (B,), scaled and shifted as its surface is, where the model does so."""
        run[-1] = f"logits = {run[-1].removeprefix('return ')}.squeeze(-1)  # (B,)"
        if joint.calibration == "none":
            run.append("return logits")
            return
        for name, kept in (("scale", joint.scale), ("shift", joint.shift)):
            self.weights[f"{side}.{name}"] = kept.detach().clone()
            build.append(f'self.register_buffer("{name}", torch.zeros({len(kept)}))')
        if not isinstance(joint.joint, SurfaceTower):  # which has looked it up already
            run.append(f"surface = codes[:, {joint.surface}]")
        run.append("return logits * self.scale[surface] + self.shift[surface]")

    def _embeddings(self, side: str, tower: Tower, table: Table, build: list[str]) -> None:
        """One table of embeddings for each field that has codes."""
        build.append("self.embeddings = nn.ModuleList([")
        fields = (*table.categories, *(channel for bag in table.bags for channel in bag.channels))
        for at, (field, one) in enumerate(zip(fields, tower.embedding.every_table(), strict=True)):
            self.weights[f"{side}.embeddings.{at}.weight"] = one.detach().clone()
            build.append(f"    nn.Embedding({one.shape[0]}, {one.shape[1]}),  # {at}: {line(field.name)[:60]}")
        build.append("])")

    def _fields(self, side: str, table: Table, tower: Tower, network: Network, build: list[str]) -> Iterator[str]:
        """How x0 is made, from the embeddings of each field and the numbers."""
        plain = len(table.categories)
        several = f"self.embeddings[:{plain}]" if table.bags else "self.embeddings"
        yield f"fields = [embedding(codes[:, at]) for at, embedding in enumerate({several})]"
        start = at = plain
        for number, bag in enumerate(table.bags):
            channels, columns = len(bag.channels), f"codes[:, {start}:{start + bag.columns}]"
            width = tower.embedding.widths[plain + number]
            if isinstance(bag, SequenceField) and tower.embedding.left_out:
                yield f"fields.append(self.embeddings[{at}].weight.new_zeros(len(codes), {width}))"
            elif tower.embedding.encoder(number) is not None:
                yield f"actions, there = actions_of(self.embeddings[{at}:{at + channels}], {columns})"
                yield from self._encoded(side, tower, number, network, build)
            else:
                ends = [start + bag.places * own for own in range(channels + 1)]
                means = (
                    f"mean_of(self.embeddings[{at + own}], codes[:, {ends[own]}:{ends[own + 1]}])"
                    for own in range(channels)
                )
                yield f"fields.append({' + '.join(means)})"
            start, at = start + bag.columns, at + channels
        numbers = ", values" if table.numbers else ""
        yield (
            f"x0 = torch.cat((*fields{numbers}), -1)  # (B, {tower.width})"
            if numbers
            else (f"x0 = torch.cat(fields, -1)  # (B, {tower.width})")
        )

    def _encoded(self, side: str, tower: Tower, number: int, network: Network, build: list[str]) -> Iterator[str]:
        """How a field of x0 is made of a sequence's actions: torch's own Transformer, then what projects."""
        encoder = tower.embedding.encoder(number)
        assert encoder is not None
        own = f"sequence_{number}"
        self._keep(f"{side}.{own}", encoder.actions)
        sizes = encoder.places, encoder.width, network.sequence_layers, network.attending, WIDER
        build.append(f"self.{own} = {self.excerpts.take(Actions)}({', '.join(map(str, sizes))})")
        yield f"at = whole = self.{own}(actions, there)  # (B, {encoder.places * encoder.width})"
        if encoder.crosses is not None:
            part = Part("cross", crossing=CROSSINGS_OF[network.projection])
            fields = (encoder.width,) * encoder.places
            layers = self._layers(f"{side}.{own}_crosses", encoder.crosses.layers, part, fields, encoder.own)
            build.append(f"self.{own}_crosses = nn.ModuleList([{', '.join(layers)}])")
            yield f"for layer in self.{own}_crosses:"
            yield "    at = layer(whole, at)"
        elif encoder.hidden is not None:
            build.append(f"self.{own}_hidden = {self._deep(f'{side}.{own}_hidden', encoder.hidden, network)}")
            yield f"at = self.{own}_hidden(whole)"
        if encoder.project is None:
            yield "fields.append(at)"
            return
        self._keep(f"{side}.{own}_project", encoder.project)
        build.append(f"self.{own}_project = nn.Linear({encoder.project.in_features}, {encoder.out})")
        yield f"fields.append(self.{own}_project(at) * there.any(1, keepdim=True))  # (B, {encoder.out})"

    def _wiring(
        self,
        side: str,
        wired: Wired,
        fields: tuple[int, ...],
        network: Network,
        build: list[str],
        run: list[str],
        more: str = "",
    ) -> list[str]:
        """A line for each part, whose name ends with `more`; what each branch ends in."""
        held = {X0: X0}
        for name, part in wired.wiring.parts.items():
            own = (f"{name}_part" if name in TAKEN or keyword.iskeyword(name) else name) + more
            module: Any = wired.part(name)
            given, out, prefix = held[part.reads], getattr(module, "out", 0), f"{side}.{own}"
            held[name] = own
            if part.kind == "cross":
                layers = self._layers(prefix, module.layers, part, fields, network)
                build.append(f"self.{own} = nn.ModuleList([{', '.join(layers)}])")
                run += [f"{own} = {given}", f"for layer in self.{own}:", f"    {own} = layer(x0, {own})  # (B, {out})"]
            elif part.kind == "deep":
                build.append(f"self.{own} = {self._deep(prefix, module, network)}")
                run.append(f"{own} = self.{own}({given})  # (B, {out})")
            elif part.kind == "project":
                self._keep(prefix, module)
                build.append(f"self.{own} = nn.Linear({module.in_features}, {module.out_features})")
                run.append(f"{own} = self.{own}({given})  # (B, {out})")
            elif part.kind == "less":
                run.append(f"{own} = {given} - x0  # (B, {out})")
            elif part.kind == "bridged":
                build.append(f"self.{own} = {self._bridged(prefix, module, part, fields, network)}")
                run.append(f"{own} = self.{own}({given})")
            elif part.kind == "end":
                run.append(f"{own} = {given}[{BridgedNetwork.ENDS.index(part.end)}]  # (B, {out})")
            else:
                raise SettingError(say.NOT_AS_PYTORCH(part=name, kind=part.kind))
        return [held[end] for end in wired.wiring.branches.values()]

    def _join(self, side: str, wired: Wired, ends: list[str], build: list[str], run: list[str], more: str = "") -> str:
        """What joins the branches, by names that end with `more`; the name of what it makes."""
        combine: Any = wired.combine
        if combine is None:
            return ends[0]
        joined, project, gate = (f"{name}{more}" for name in ("joined", "join_project", "join_gate"))
        if wired.wiring.join == "concat":
            run.append(f"{joined} = torch.cat(({', '.join(ends)}), -1)  # (B, {wired.out})")
            return joined
        cross, deep = ends
        self._keep(f"{side}.{project}", combine.project)
        build.append(f"self.{project} = nn.Linear({combine.project.in_features}, {wired.out})")
        if wired.wiring.join == "sum":
            run.append(f"{joined} = self.{project}({cross}) + {deep}  # (B, {wired.out})")
            return joined
        self._keep(f"{side}.{gate}", combine.gate)
        build.append(f"self.{gate} = nn.Linear({2 * wired.out}, {wired.out})")
        run += [
            f"{joined} = self.{project}({cross})  # (B, {wired.out})",
            f"gate = torch.sigmoid(self.{gate}(torch.cat(({joined}, {deep}), -1)))",
            f"{joined} = gate * {joined} + (1 - gate) * {deep}",
        ]
        return joined

    def _layers(
        self, prefix: str, layers: nn.ModuleList, part: Part, fields: tuple[int, ...], network: Network
    ) -> list[str]:
        """Cross layers as calls of their class."""
        made = CROSSINGS[part.crossing or network.cross].made
        for at, layer in enumerate(layers):
            self._keep(f"{prefix}.{at}", layer)
        name = self.excerpts.take(made) if len(layers) else ""
        return [f"{name}({', '.join(map(repr, _given(made, fields, network)))})" for _ in layers]

    def _bridged(
        self, prefix: str, module: BridgedNetwork, part: Part, fields: tuple[int, ...], network: Network
    ) -> str:
        self.bridged = True
        cross = self._layers(f"{prefix}.cross", module.cross.layers, part, fields, network)
        deep = [
            self._deep(f"{prefix}.deep.{at}", cast(DeepNetwork, one), network) for at, one in enumerate(module.deep)
        ]
        for name in ("to_cross", "to_deep"):
            self._keep(f"{prefix}.{name}", getattr(module, name))
        return f"Bridged({fields!r}, [{', '.join(cross)}], [{', '.join(deep)}])"

    def _deep(self, prefix: str, module: DeepNetwork, network: Network) -> str:
        """An MLP as nn.Sequential."""
        calls: list[str] = []
        activation = ACTIVATIONS[network.activation].__name__
        for depth, linear in enumerate(module.linears):
            into, out = module.widths[depth : depth + 2]
            self._keep(f"{prefix}.{len(calls)}", linear)
            calls.append(f"nn.Linear({into}, {out})")
            if module.norms:
                self._keep(f"{prefix}.{len(calls)}", module.norms[depth])
                calls.append(f"nn.LayerNorm({out})")
            calls.append(f"nn.{activation}()")
            if module.dropout.p:
                calls.append(f"nn.Dropout({module.dropout.p!r})")
        return f"nn.Sequential({', '.join(calls)})"

    def _keep(self, prefix: str, module: nn.Module) -> None:
        """Keep a module's weights under the names that the file has for them."""
        for name, weight in module.state_dict().items():
            self.weights[f"{prefix}.{name}"] = weight.detach().clone()


def _given(made: Any, fields: tuple[int, ...], network: Network) -> tuple[Any, ...]:
    """What a cross layer of this class is made with, for fields of such widths."""
    told: list[tuple[Any, ...]] = []

    def tell(*given: Any, **named: Any) -> None:
        told.append((*given, *named.values()))

    made.of.__func__(tell, fields, network)
    plain = (int, float, str, bool, tuple)
    if len(told) != 1 or not all(isinstance(one, plain) for one in told[0]):
        raise SettingError(say.NOT_OF_NUMBERS(part=made.__name__))
    return told[0]


def described(table: Table) -> dict[str, Any]:
    """What turns raw values into codes and numbers: vocabularies, means and scales of the training part."""
    return {
        "categories": [_field(field) for field in table.categories],
        "bags": [
            {**_field(bag), "places": bag.places, **({"more": [_field(one) for one in more]} if more else {})}
            for bag in table.bags
            for more in (bag.channels[1:],)
        ],
        "numbers": [asdict(number) for number in table.numbers],
    }


def _field(field: Any) -> Mapping[str, Any]:
    return {"name": field.name, "label": field.label, "values": list(field.values)}
