"""A process behind the pages gives way to all else on the machine, as far as PDCN_NICE says."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAYS = """
import os
from pdcn.jobs.process import give_way
for asked in ("0", "3", "much", "99"):
    os.environ["PDCN_NICE"] = asked
    give_way()
    print(os.nice(0))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes, no numbers")
def test_a_process_gives_way_as_far_as_it_is_asked_to() -> None:
    command = [sys.executable, "-c", SAYS]
    said = subprocess.run(command, capture_output=True, text=True, check=True, start_new_session=True).stdout
    assert [*map(int, said.split())] == [max(nice, os.nice(0)) for nice in (0, 3, 10, 19)]
