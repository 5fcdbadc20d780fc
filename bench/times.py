"""Statistics of repeated measurements."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from statistics import fmean, quantiles
from time import perf_counter, process_time
from typing import NamedTuple, TypeVar

Each = TypeVar("Each")


class Spent(NamedTuple):
    """Milliseconds."""

    wall: float
    cpu: float


def spent(act: Callable[[], object]) -> Spent:
    """Milliseconds taken by an act."""
    wall, cpu = perf_counter(), process_time()
    act()
    return Spent(1000 * (perf_counter() - wall), 1000 * (process_time() - cpu))


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: median, 95th percentile and maximum. cpu: the mean."""

    p50: float
    p95: float
    most: float
    cpu: float

    @classmethod
    def of(cls, act: Callable[[Each], object], several: Iterable[Each]) -> "Times":
        """Times of an act over several arguments."""
        return cls.told(spent(partial(act, each)) for each in several)

    @classmethod
    def told(cls, times: Iterable[Spent]) -> "Times":
        """Times from measurements."""
        walls, cpus = zip(*times, strict=True)
        twentieths = quantiles(walls, n=20, method="inclusive")
        figures = (twentieths[9], twentieths[18], max(walls), fmean(cpus))
        return cls(*(round(each, 1) for each in figures))
