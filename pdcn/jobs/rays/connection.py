"""A connection to a cluster, for as long as there is work for it."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pdcn
from pdcn.jobs import words as say
from pdcn.jobs.cells import Executor
from pdcn.jobs.rays.address import Address, token_path
from pdcn.jobs.rays.cluster import Cluster
from pdcn.settings import SettingError

KNOCKS = 3
"""So often a cluster is asked to take us in that wants to and fails."""


@contextmanager
def connected(address: str) -> Iterator[Executor]:
    """An executor on the cluster at that address, which is left at the end of the block."""
    with cluster(Address.of(address)) as there:
        yield there


@contextmanager
def cluster(address: Address) -> Iterator[Cluster]:
    """The cluster at a place; `SettingError` where Ray is not installed, or nobody there takes us in."""
    for name, value in (("RAY_AUTH_MODE", "token"), ("RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S", "15")):
        os.environ.setdefault(name, value)
    if "RAY_AUTH_TOKEN" not in os.environ:
        os.environ.setdefault("RAY_AUTH_TOKEN_PATH", str(token_path()))
    try:
        ray = import_module("ray")
    except ImportError:
        raise SettingError(say.NO_RAY) from None
    token = os.environ.get("RAY_AUTH_TOKEN_PATH")
    if token and not Path(token).exists():
        raise SettingError(say.NO_TOKEN(file=token))
    where = f"{address.host}:{address.port}"
    try:
        socket.create_connection((address.host, address.port), 5).close()
    except OSError:
        raise SettingError(say.NOBODY_THERE(where=where)) from None
    logging.getLogger("ray").setLevel(logging.ERROR)
    _come_in(ray, where)
    try:
        yield Cluster(ray, address)
    except ConnectionError:
        raise SettingError(say.CLUSTER_GONE(where=where)) from None
    finally:
        with suppress(Exception):  # a cluster that is gone
            ray.shutdown()


def _come_in(ray: Any, where: str) -> None:
    """Have the cluster take us in; `SettingError` where it does not.

    It starts a process for whoever comes, as a fork of one that has threads, which now and then dies as it is born.
    """
    for left in reversed(range(KNOCKS)):
        try:
            ray.init(
                f"ray://{where}",
                runtime_env={"py_modules": [str(Path(pdcn.__file__).parent)]},
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except ConnectionError as error:
            if left and isinstance(error, ConnectionAbortedError):
                continue
            raise SettingError(say.NOT_TAKEN_IN(where=where)) from None
        return
