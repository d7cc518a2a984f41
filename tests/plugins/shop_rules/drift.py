"""The drift method `energy_distance`, by scipy."""

from typing import Any

from maestro_ml.drift_methods.method import DriftMethod, Outcome


def energy_distance(reference: Any, current: Any) -> Outcome:
    from scipy.stats import energy_distance as distance

    statistic = float(distance(reference, current))
    return Outcome(len(reference), len(current), statistic=statistic, description="energy distance = {value}")


ENERGY = DriftMethod(
    name="energy_distance",
    why="The values have moved, by the energy distance.",
    limit=0.5,
    compare_numbers=energy_distance,
)
