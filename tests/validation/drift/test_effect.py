"""How large a drift is, as one number to sort by."""

import pytest

from maestro_ml.core.findings import finding
from maestro_ml.core.results import NOTHING, Count, PValue, Result, Statistic
from maestro_ml.validation.drift.effect import effect_size

P = PValue(0.01, 0.05, 0.03, 0.02, "holm", 3, 0.4, 0.1)


@pytest.mark.parametrize(
    ("result", "size"),
    [(Statistic(9.0, p=P), 0.4), (Statistic(0.3, limit=0.2), 0.3), (Count(1, 2), 0.0), (NOTHING, 0.0)],
)
def test_the_effect_where_there_is_one_else_the_statistic(result: Result, size: float):
    assert effect_size(finding("drift", "ks", "warn", "", violated=True, result=result)) == size
