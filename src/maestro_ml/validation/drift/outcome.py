"""What a drift test measured."""

from dataclasses import dataclass, field

from maestro_ml.core.findings import Number


@dataclass(frozen=True)
class Outcome:
    """Two samples, compared.

    `reference` and `current` count the values of each; `obstacle` says why there is nothing to judge. `description`
    names the statistic for a person; `{value}` stands where the number goes that is compared with a limit: `effect`,
    else `statistic`. `effect` is compared with `min_effect`, between 0 and 1. `smallest_p` is the smallest p-value
    that samples of this kind could have: where it is not below the limit, nothing was tested.
    """

    reference: int
    current: int
    obstacle: str | None = None
    statistic: float = 0.0
    description: str = ""
    p_value: float | None = None
    smallest_p: float = 0.0
    effect: float | None = None
    numbers: dict[str, Number] = field(default_factory=dict)
