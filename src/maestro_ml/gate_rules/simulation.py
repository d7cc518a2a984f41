"""Simulated years of a gate: how often it promotes a model that is no better, and how often it finds a better one."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.gate_rules.budget import Budget, critical, detectable, power
from maestro_ml.gate_rules.statistics import exact_lower

if TYPE_CHECKING:
    import numpy as np

GAINS = (0.01, 0.02, 0.03, 0.05)
_SINGLE = 0.05  # the error of a test that does not know of the others


class Year(BaseModel):
    """A gate over simulated years of candidates that are no better."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    candidates: str
    gate: str
    years_with_a_wrong_promotion: float
    wrong_promotions_per_year: float


class Gain(BaseModel):
    """How often a candidate that is better by `gain` is promoted at one look, in simulation and exactly."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    gain: float
    simulated: float
    exact: float


class Simulation(BaseModel):
    """What a gate lets through in a year."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    years: int
    looks: int
    rows: int
    disagreement: float
    limit: float
    budget: float
    error_per_look: float
    detectable: float | None
    wrong: tuple[Year, ...]
    power: tuple[Gain, ...]


def simulate(
    budget: Budget, rows: int, disagreement: float, limit: float, years: int = 2_000, seed: int = 0
) -> Simulation:
    """Simulate years in which every look is at a candidate that is exactly as good as the champion, or as the limit.

    Args:
        budget: the gate's.
        rows: test rows of each look.
        disagreement: the share of rows that only one of candidate and champion gets right.
        limit: the gate's, of accuracy.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    size = (years, budget.looks)
    differ = rng.binomial(rows, disagreement, size)
    wins = rng.binomial(differ, 0.5)
    right = rng.binomial(rows, limit, size)
    equal, at_limit = "as good as the champion", f"of an accuracy of exactly {limit:g}"
    found = {
        (equal, "the value is better"): 2 * wins > differ,
        (equal, f"McNemar's test at {_SINGLE:g}, every time"): wins >= critical(differ, _SINGLE),
        (equal, "this gate"): wins >= critical(differ, budget.each),
        (at_limit, f"the value is above {limit:g}"): right > limit * rows,
        (at_limit, "this gate"): right >= _least_right(rows, limit, budget.each),
    }
    return Simulation(
        years=years,
        looks=budget.looks,
        rows=rows,
        disagreement=disagreement,
        limit=limit,
        budget=budget.per_year,
        error_per_look=budget.each,
        detectable=detectable(rows, budget.each, disagreement),
        wrong=tuple(_year(*names, promoted) for names, promoted in found.items()),
        power=tuple(_gain(rng, budget, rows, disagreement, gain) for gain in GAINS),
    )


def _year(candidates: str, gate: str, promoted: "np.ndarray[Any, Any]") -> Year:
    return Year(
        candidates=candidates,
        gate=gate,
        years_with_a_wrong_promotion=float(promoted.any(axis=1).mean()),
        wrong_promotions_per_year=float(promoted.sum(axis=1).mean()),
    )


def _least_right(rows: int, limit: float, error: float) -> int:
    """Return how many rows must be right for the lower confidence bound to be above the limit."""
    low, high = 0, rows + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if exact_lower(middle, rows, error) > limit else (middle + 1, high)
    return low


def _gain(rng: Any, budget: Budget, rows: int, disagreement: float, gain: float, looks: int = 50_000) -> Gain:
    share = max(disagreement, gain)
    differ = rng.binomial(rows, share, looks)
    wins = rng.binomial(differ, min(1.0, (share + gain) / 2 / share))
    simulated = float((wins >= critical(differ, budget.each)).mean())
    return Gain(gain=gain, simulated=simulated, exact=power(rows, gain, budget.each, disagreement))


def as_markdown(found: Simulation) -> str:
    """Return the simulation as two Markdown tables under a sentence."""
    gain = "no improvement" if found.detectable is None else f"+{100 * found.detectable:.1f} points"
    lines = [
        f"{found.years:,} years of {found.looks} candidates, each on {found.rows:,} test rows of its own; on "
        f"{100 * found.disagreement:g} % of them, only one of candidate and champion is right. A budget of "
        f"{found.budget:g} wrong promotions a year leaves each look an error of {found.error_per_look:.2g}: with "
        f"{found.rows:,} rows the gate detects {gain} with a power of 80 %.",
        "",
        "| every candidate of the year is | promoted if | years with a wrong promotion | wrong promotions a year |",
        "|---|---|--:|--:|",
        *(
            f"| {year.candidates} | {year.gate} | {100 * year.years_with_a_wrong_promotion:.1f} % | "
            f"{year.wrong_promotions_per_year:.2f} |"
            for year in found.wrong
        ),
        "",
        "| a candidate is better by | promoted, simulated | McNemar's exact test at the same error, computed |",
        "|--:|--:|--:|",
        *(
            f"| {_points(100 * gain.gain)} | {100 * gain.simulated:.1f} % | {100 * gain.exact:.1f} % |"
            for gain in found.power
        ),
    ]
    return "\n".join(lines) + "\n"


def _points(gain: float) -> str:
    return f"{gain:g} point{'' if gain == 1 else 's'}"
