"""Clusters of processes on this machine, on loopback, for whatever trains on other machines; and how one dies."""

from __future__ import annotations

import fcntl
import shutil
import socket
import struct
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

import psutil

from pdcn.jobs.node import Node

LOOPBACK = "127.0.0.1"
STORE = 100_000_000


def loopback() -> None:
    """Switch loopback on, which is off in a network namespace that was just made."""
    with suppress(OSError), socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: up and running


def free_port() -> int:
    """A port that nobody has, with the one below it."""
    while True:
        with ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind((LOOPBACK, 0))
            port = int(first.getsockname()[1])
            with suppress(OSError):
                stack.enter_context(socket.socket()).bind((LOOPBACK, port - 1))
                return port


class Machines:
    """A head that trains nothing, and other machines with a core each, all of them processes; over with the block.

    The token lies in PDCN_HOME, as for everybody else.
    """

    def __init__(self, log: Path, cores: int = 0) -> None:
        self.port, self.log, self.cores = free_port(), log, cores
        self.address = f"ray://{LOOPBACK}:{self.port}"
        self.joined: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Machines:
        loopback()
        self.head = self._started(Node(port=self.port, cpus=self.cores, store=STORE))
        while True:
            with suppress(OSError):
                socket.create_connection((LOOPBACK, self.port), 1).close()
                return self
            assert self.head.poll() is None, self.log.read_text()
            time.sleep(0.1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in (*self.joined, self.head):
            kill(process)
        shutil.rmtree(Node(port=self.port).folder, ignore_errors=True)

    def join(self) -> subprocess.Popen[bytes]:
        """One more machine; it takes part some seconds later."""
        self.joined.append(self._started(Node(join=f"{LOOPBACK}:{self.port}", cpus=1, store=STORE)))
        return self.joined[-1]

    def lose(self, machine: subprocess.Popen[bytes]) -> None:
        """Cut the power of a machine."""
        self.joined.remove(machine)
        kill(machine)

    def mend(self) -> None:
        """Start machines anew that did not come up, as where too much else goes on for Ray's patience."""
        for machine in [one for one in self.joined if one.poll() is not None]:
            self.lose(machine)
            self.join()

    def _started(self, node: Node) -> subprocess.Popen[bytes]:
        node.prepare()
        with self.log.open("ab") as said:
            return subprocess.Popen(node.command(), env=node.environment(), stdout=said, stderr=said)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started, at once."""
    with suppress(psutil.NoSuchProcess):
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()
