"""Clusters of processes on this machine, on loopback, for whatever trains on other machines; and how one dies."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import socket
import struct
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from itertools import count
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

    The token lies in PDCN_HOME, as for everybody else. Machines are started one after the other, as two that begin at
    the same moment would take the same name for their sockets; and one that does not come up, as where too much else
    goes on for Ray's patience, is started anew.
    """

    def __init__(self, log: Path, cores: int = 0) -> None:
        self.port, self.log, self.cores = free_port(), log, cores
        self.address = f"ray://{LOOPBACK}:{self.port}"
        self.asked = 0
        self.up: list[subprocess.Popen[bytes]] = []
        self.over = threading.Event()
        self.tending = threading.Thread(target=self._tend, daemon=True)

    def __enter__(self) -> Machines:
        loopback()
        os.environ.setdefault("RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S", "120")  # other work may keep every core busy
        self.head = self._started(Node(port=self.port, cpus=self.cores, store=STORE), self.log)
        while True:
            with suppress(OSError):
                socket.create_connection((LOOPBACK, self.port), 1).close()
                break
            assert self.head.poll() is None, self.log.read_text()
            time.sleep(0.1)
        self.tending.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.tending.join()
        for process in (*self.up, self.head):
            kill(process)
        shutil.rmtree(Node(port=self.port).folder, ignore_errors=True)

    def join(self) -> None:
        """One more machine; it takes part some seconds later."""
        self.asked += 1

    def replace_one(self) -> bool:
        """Cut the power of a machine, and have another join; whether there was one to lose."""
        if not self.up:
            return False
        kill(self.up.pop(random.randrange(len(self.up))))
        return True

    def _tend(self) -> None:
        """Have as many machines as were asked for."""
        for number in count():
            while self.asked == len([one for one in self.up if one.poll() is None]):
                if self.over.wait(0.1):
                    return
            for gone in [one for one in self.up if one.poll() is not None]:
                self.up.remove(gone)
            log = self.log.with_name(f"{self.log.stem}-{number}.log")
            machine = self._started(Node(join=f"{LOOPBACK}:{self.port}", cpus=1, store=STORE), log)
            while machine.poll() is None and "Ray runtime started" not in log.read_text(errors="replace"):
                if self.over.wait(0.1):
                    break
            if self.over.is_set() or machine.poll() is not None:
                kill(machine)
            else:
                self.up.append(machine)
            if self.over.is_set():
                return

    def _started(self, node: Node, log: Path) -> subprocess.Popen[bytes]:
        node.prepare()
        with log.open("wb") as said:
            environment = {**node.environment(), "PYTHONUNBUFFERED": "1"}
            return subprocess.Popen(node.command(), env=environment, stdout=said, stderr=said)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started, at once."""
    with suppress(psutil.NoSuchProcess):
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()
