"""python -m pdcn"""

import os
import sys

from pdcn.cli import INTERRUPTED, main

code = main()
if code == INTERRUPTED:  # what still trains in a thread would abort the process as it ends, and the code would be lost
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
sys.exit(code)
