"""Intervals of shares."""


def wilson(successes: int, trials: int, quantile: float) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), which holds near 0 and 1 too."""
    share, z2 = successes / trials, quantile**2 / trials
    middle = (share + z2 / 2) / (1 + z2)
    half = quantile / (1 + z2) * (share * (1 - share) / trials + z2 / (4 * trials)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
