"""`python -m framewright.extractor`."""

from framewright.chassis.service import run
from framewright.extractor.settings import ExtractorSettings
from framewright.extractor.wiring import build

if __name__ == "__main__":
    run("extractor", ExtractorSettings, build)
