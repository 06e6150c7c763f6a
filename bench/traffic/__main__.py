"""`python bench/traffic` or, from the checkout, `python -m bench.traffic`; `cli.py` says what it does."""

import sys
from pathlib import Path

# Run as a folder, Python looks for modules inside it: here they are found from the checkout's root.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.traffic.cli import main  # noqa: E402

sys.exit(main())
