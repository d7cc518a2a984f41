"""How large the difference is that a drift finding measured, as one number to sort and plot by."""

from maestro_ml.core.findings import Finding


def effect_size(finding: Finding) -> float:
    """The effect (D, Cramér's V) where the test has one, else its statistic (PSI, Wasserstein distance)."""
    effect = finding.numbers.get("effect")
    return float((finding.numbers.get("statistic") if effect is None else effect) or 0)
