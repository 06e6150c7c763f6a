"""`python -m framewright.ingest`."""

from framewright.chassis.service import run
from framewright.ingest.settings import IngestSettings
from framewright.ingest.wiring import build

if __name__ == "__main__":
    run("ingest", IngestSettings, build)
