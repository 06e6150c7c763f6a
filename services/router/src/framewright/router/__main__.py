"""`python -m framewright.router`."""

from framewright.chassis.service import run
from framewright.router.settings import RouterSettings
from framewright.router.wiring import build

if __name__ == "__main__":
    run("router", RouterSettings, build)
