"""Cells on other machines: an adapter to Ray Core, which is an optional extra and imported by whoever connects alone.

A cell is a task without retries of Ray's. It tells a desk, an actor beside the head of the cluster, how far it is, and
is told there to go on, to hold or to stop. What it came to goes back to this process, which alone writes files. So an
orphan, whose machine was given up, has nowhere to write: its attempt is not the one that counts. Data and the code of
this package go to the machines with the first cell. All cells of a run ask for the same, so that the arms of a seed are
on one kind of device.
"""

from pdcn.jobs.rays.analyses import worked_out
from pdcn.jobs.rays.connection import connected

__all__ = ["connected", "worked_out"]
