"""python -m pdcn node: this machine as one of a cluster."""

from __future__ import annotations

import argparse

from pdcn.cli.parser import whole


def node(options: argparse.Namespace) -> int:
    """Become a machine of a cluster until Ctrl-C."""
    from pdcn.jobs.node import Node

    cpus = None if options.cpus is None else whole("cpus", options.cpus, 10_000)
    gpus = None if options.gpus is None else whole("gpus", options.gpus, 1_000)
    Node(options.host, whole("port", options.port, 65_535), options.join, cpus, gpus).start()
    return 0
