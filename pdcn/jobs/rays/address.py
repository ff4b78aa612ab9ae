"""Where a cluster is, what its cells ask for there, and the secret that its machines share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from pdcn.files import home
from pdcn.inert import quoted
from pdcn.jobs import words as say
from pdcn.settings import SettingError

HERE, PORT = "127.0.0.1", 10_001
"""Where a cluster is found whose address is not said."""


@dataclass(frozen=True)
class Address:
    """Where a cluster is, and what each of its cells asks for.

    >>> Address.of(""), Address.of("lab:7000?gpus=0.5").wants
    (Address(host='127.0.0.1', port=10001, wants={'num_cpus': 1.0}), {'num_cpus': 1.0, 'num_gpus': 0.5})
    """

    host: str
    port: int
    wants: Mapping[str, float]

    @classmethod
    def of(cls, address: str) -> Address:
        """HOST:PORT?gpus=N&cpus=N, any of which may be left out; `SettingError` where it is none."""
        try:
            parts = urlsplit(f"//{address}")
            wants = {
                f"num_{name}": float(text) for name, text in parse_qsl(parts.query, strict_parsing=bool(parts.query))
            }
            port = parts.port or PORT
        except ValueError:
            raise SettingError(say.NO_ADDRESS(address=quoted(address))) from None
        if parts.path or wants.keys() - {"num_cpus", "num_gpus"} or any(not 0 < n <= 1_000 for n in wants.values()):
            raise SettingError(say.NO_ADDRESS(address=quoted(address)))
        return cls(parts.hostname or HERE, port, {"num_cpus": 1.0, **wants})

    @property
    def what(self) -> str:
        """What a cell asks for, in words."""
        gpus, cores = self.wants.get("num_gpus"), self.wants["num_cpus"]
        return say.MACHINE_WITH_GPUS(gpus=f"{gpus:g}") if gpus else say.MACHINE(cores=f"{cores:g}")


def token_path() -> Path:
    """The secret that every machine of a cluster, and whoever has work for it, has to know."""
    return home() / "ray" / "token"
