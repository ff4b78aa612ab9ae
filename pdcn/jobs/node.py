"""A machine of a cluster for the far executor, started as is safe: with a token, on loopback unless told, with caps.

The first machine is the head, which makes the token; every other one joins it, and has a copy of that file.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pdcn.files import check_writable
from pdcn.host import cores
from pdcn.jobs import words as say
from pdcn.jobs.process import niceness
from pdcn.jobs.rays.address import HERE, PORT, Address, token_path
from pdcn.settings import SettingError

STORE_BYTES, LOG_BYTES, LOGS = 1_000_000_000, 10_000_000, 2
"""What objects may take of a machine's memory, and how long each log gets before it is begun anew."""
PATIENCE = 120
"""Seconds that a head may take to let somebody in, where other work keeps every core busy."""


@dataclass(frozen=True)
class Node:
    """A machine as it is to be started: `host` is its own address, `join` that of a head, as cells are sent there."""

    host: str = HERE
    port: int = PORT
    join: str = ""
    cpus: float | None = None
    gpus: int | None = None
    store: int = STORE_BYTES

    @property
    def folder(self) -> Path:
        """Where Ray keeps sockets, logs and what no longer fits its store: short, for a socket's name has an end."""
        return Path(tempfile.gettempdir()) / f"pdcn-ray-{os.getuid()}-{self._head.port}"

    @property
    def _head(self) -> Address:
        return Address.of(self.join or f"{self.host}:{self.port}")

    def command(self) -> list[str]:
        """What starts it, and ends with it. Machines of a cluster meet at the port below the one that takes work."""
        head = self._head
        begin = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats"]
        caps = [f"--object-store-memory={self.store}", f"--num-cpus={cores() if self.cpus is None else self.cpus:g}"]
        gpus = [] if self.gpus is None else [f"--num-gpus={self.gpus}"]
        if self.join:
            own = [] if self.host == HERE else [f"--node-ip-address={self.host}"]
            return [*begin, f"--address={head.host}:{head.port - 1}", *own, *caps, *gpus]
        place = [f"--node-ip-address={self.host}", f"--port={head.port - 1}", f"--ray-client-server-port={head.port}"]
        return [*begin, "--head", *place, f"--temp-dir={self.folder}", "--include-dashboard=false", *caps, *gpus]

    def environment(self) -> dict[str, str]:
        """What it is started with; a head keeps to loopback where Ray believes it to be on a laptop."""
        alone = not self.join and self.host == HERE
        return {
            **os.environ,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": os.environ.get("RAY_AUTH_TOKEN_PATH", str(token_path())),
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0" if alone else "1",
            "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": str(PATIENCE),
            "RAY_worker_niceness": str(niceness()),
            "RAY_ROTATION_MAX_BYTES": str(LOG_BYTES),
            "RAY_ROTATION_BACKUP_COUNT": str(LOGS),
        }

    def prepare(self) -> None:
        """Make the token where this is the head and there is none, and clear what an earlier head left."""
        if find_spec("ray") is None:
            raise SettingError(say.NO_RAY)
        path = Path(self.environment()["RAY_AUTH_TOKEN_PATH"])
        if self.join:
            if not path.exists():
                raise SettingError(say.NO_TOKEN(file=path))
            return
        check_writable()
        shutil.rmtree(self.folder, ignore_errors=True)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))

    def start(self) -> None:
        """Become this machine, until Ctrl-C."""
        self.prepare()
        command = self.command()
        os.execve(command[0], command, self.environment())
