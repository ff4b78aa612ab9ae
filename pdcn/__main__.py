"""python -m pdcn"""

import sys

from pdcn.cli import main

sys.exit(main())
