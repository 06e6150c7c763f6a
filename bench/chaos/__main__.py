"""`python bench/chaos` or, from the checkout, `python -m bench.chaos`; `cli.py` says what it does."""

import sys
from pathlib import Path

# Run as a folder, Python looks for modules inside it: here they are found from the checkout's root.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.chaos.cli import main  # noqa: E402

sys.exit(main())
