"""`python -m framewright.ui`."""

from framewright.chassis.service import run
from framewright.ui.settings import UiSettings
from framewright.ui.wiring import build

if __name__ == "__main__":
    run("ui", UiSettings, build)
