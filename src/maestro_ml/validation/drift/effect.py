"""How large the difference is that a drift finding measured, as one number to sort and plot by."""

from maestro_ml.core.findings import Finding
from maestro_ml.core.results import Statistic


def effect_size(finding: Finding) -> float:
    """Return the effect (D, Cramér's V) where the test has one, else its statistic (PSI, Wasserstein distance)."""
    return finding.result.size if isinstance(finding.result, Statistic) else 0.0
