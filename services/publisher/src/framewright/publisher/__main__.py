"""`python -m framewright.publisher`."""

from framewright.chassis.service import run
from framewright.publisher.settings import PublisherSettings
from framewright.publisher.wiring import build

if __name__ == "__main__":
    run("publisher", PublisherSettings, build)
