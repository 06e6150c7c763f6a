"""What a run of the benchmark found, method by method; what the tables and the goals are made from. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.extraction.cases import Case, Method
from bench.extraction.figures import Figure, Ratio, figure, ratio
from bench.extraction.likeness import Likeness
from bench.extraction.measure import Sample
from bench.extraction.slots import Truth


@dataclass(slots=True)
class MethodResult:
    """One method on one case: every counted run, how right and how good its pictures are, or why it could not be run."""

    method: Method
    samples: list[Sample] = field(default_factory=list[Sample])
    note: str = ""
    truth: Truth | None = None
    likeness: Likeness | None = None
    jpeg_bytes: float = 0.0
    objections: Sequence[str] = ()
    failure: str = ""

    def of(self, quantity: Callable[[Sample], float]) -> Figure:
        """Median and spread of a quantity over the runs."""
        return figure([quantity(sample) for sample in self.samples])

    @property
    def wall(self) -> Figure:
        """Seconds on the clock."""
        return self.of(lambda sample: sample.wall)

    @property
    def cpu(self) -> Figure:
        """Seconds of processor time."""
        return self.of(lambda sample: sample.cpu)


@dataclass(slots=True)
class CaseResult:
    """One case; `bound_bytes` are those of the keyframes that its slots need, `load` the machine's before and after."""

    case: Case
    container: str
    file_bytes: int
    bound_bytes: int
    keyframes: int
    largest_gap: float
    own_keys: bool
    hdr: bool = False
    results: dict[Method, MethodResult] = field(default_factory=dict[Method, MethodResult])
    load: tuple[float, float] = (0.0, 0.0)

    def get(self, *methods: Method) -> MethodResult | None:
        """The first of these methods that was run."""
        return next((self.results[method] for method in methods if self.ran(method)), None)

    def ran(self, method: Method) -> bool:
        """Whether there is anything measured of a method."""
        return method in self.results and bool(self.results[method].samples)

    def wall_ratio(self, above: Method, below: Method) -> Ratio | None:
        """Wall time of one method in times of another's."""
        return self._ratio(above, below, lambda sample: sample.wall)

    def cpu_ratio(self, above: Method, below: Method) -> Ratio | None:
        """Processor time of one method in times of another's."""
        return self._ratio(above, below, lambda sample: sample.cpu)

    def _ratio(self, above: Method, below: Method, quantity: Callable[[Sample], float]) -> Ratio | None:
        first, second = self.results.get(above), self.results.get(below)
        if first is None or second is None or not first.samples or not second.samples:
            return None
        return ratio(first.of(quantity), second.of(quantity))
