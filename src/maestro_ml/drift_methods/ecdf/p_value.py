"""The p-value of the two-sided two-sample Kolmogorov-Smirnov test, without the second that `import scipy.stats` takes.

Exact up to 10,000 values a side, above that the distribution of the one-sample statistic at the effective size: the
rule of `scipy.stats.ks_2samp(method="auto")`, and its values.
"""

import math
from typing import Any

MOST_FOR_EXACT = 10_000
_PELZ_GOOD_FROM = 140  # below, the expansion is too short
_SURELY_ZERO = 370.0  # n D^2: p is below the smallest double
_TAIL = 2.2  # n D^2: beyond, both directions cannot be exceeded together, to double precision
_TERMS = 20_000


def p_value(size: int, other: int, statistic: float) -> tuple[float, float]:
    """Return the statistic as the exact test rounds it (to a multiple of 1 / lcm of the sizes), and its p-value.

    Args:
        size: values of one side, > 0.
        other: values of the other side, > 0.
        statistic: the largest distance of the two empirical distributions.
    """
    if max(size, other) <= MOST_FOR_EXACT:
        lcm = math.lcm(size, other)
        steps = round(statistic * lcm)
        statistic = steps / lcm
        exact = _exact(size, other, steps)
        if 0 <= exact <= 1:
            return statistic, exact
    effective = round(size * other / (size + other))
    return statistic, min(1.0, max(0.0, asymptotic(effective, statistic)))


def _exact(size: int, other: int, steps: int) -> float:
    if steps == 0:
        return 1.0
    return _equal_sizes(size, steps) if size == other else _outside_the_band(size, other, steps)


def _equal_sizes(size: int, steps: int) -> float:
    """Return 2 (C(2n, n-h) - C(2n, n-2h) + ...) / C(2n, n), nested against cancellation (Gnedenko, Korolyuk 1951)."""
    import numpy as np

    offsets = np.arange(steps)
    nested = 0.0
    for k in range(size // steps, -1, -1):
        inner = size - k * steps - offsets
        nested = float(np.prod(inner / (size + k * steps + 1 + offsets))) * (1.0 - nested)
    return 2.0 * nested


def _outside_the_band(size: int, other: int, steps: int) -> float:
    """Return the share of lattice paths from (0, 0) to the two sizes that leave |x / size - y / other| < statistic.

    Hodges (1958), "The significance probability of the Smirnov two-sample test"; here by diagonals x + y = s, each of
    which follows from the one before: P(x, y) = (x P(x - 1, y) + y P(x, y - 1)) / s.
    """
    import numpy as np

    few, many = sorted((size, other))
    common = math.gcd(few, many)
    x_step, y_step = many // common, few // common  # |x * x_step - y * y_step| < steps stays inside
    diagonals = np.arange(1, few + many + 1)
    inside_from = (diagonals * y_step - steps) // (x_step + y_step) + 1
    inside_to = -((-diagonals * y_step - steps) // (x_step + y_step))  # exclusive
    first = np.maximum(np.maximum(inside_from, diagonals - many), 0).tolist()
    last = np.minimum(np.minimum(inside_to, diagonals + 1), few + 1).tolist()
    share = np.ones(few + 2)  # share[x + 1]: of the paths to (x, s - x)
    share[1] = 0.0
    weights = np.arange(few + 1, dtype=np.float64)
    for s, low, high in zip(diagonals.tolist(), first, last, strict=True):
        if high <= low:
            return 1.0
        here = share[low + 1 : high + 1]
        gain = share[low:high] - here
        gain *= weights[low:high]
        gain /= s
        here += gain
        share[low] = 1.0  # what the band leaves behind is outside
    return float(share[few + 1])


def asymptotic(n: int, statistic: float) -> float:
    """Return Pr(D_n >= statistic) of the one-sample test to about 1e-9, after Simard and L'Ecuyer (2011)."""
    if n <= _PELZ_GOOD_FROM:
        from scipy.stats import kstwo  # one side is tiny and the other large: rare enough to pay for the import

        return float(kstwo.sf(statistic, n))
    if 2 * n * statistic <= 1:  # no sample comes closer than half a step
        return 1.0
    if statistic >= 1:
        return 0.0
    squared = n * statistic * statistic
    if squared >= _SURELY_ZERO:
        return 0.0
    return 2.0 * _one_sided(n, statistic) if squared >= _TAIL else 1.0 - _pelz_good(n, statistic)


def _one_sided(n: int, x: float) -> float:
    """Return Smirnov's sum x C(n, j) (x + j/n)^(j-1) (1 - x - j/n)^(n-j) over j <= n (1 - x).

    The terms are a smooth bump that vanishes at both ends, so that every k-th of them, k times, is the same sum.
    """
    import numpy as np

    last = math.floor(n * (1 - x))
    stride = max(1, last // _TERMS)
    j = np.arange(stride, last + 1, stride, dtype=np.float64)
    j = j[j < n * (1 - x)]
    rest = n - j
    logs = j * np.log1p(n * x / j) + rest * np.log1p(-n * x / rest) - np.log(x + j / n)
    logs += 0.5 * np.log(n / (2 * math.pi * j * rest)) + _stirling(n) - _stirling(j) - _stirling(rest)
    return float(x * stride * np.exp(logs).sum() + math.exp(n * math.log1p(-x)))


def _stirling(n: Any) -> Any:
    """Return what Stirling's formula leaves out of log n!, for a number or an array."""
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / n**2) / n**2) / n**2) / n


def _pelz_good(n: int, statistic: float) -> float:
    """Return Pr(D_n <= statistic) by Pelz and Good's (1976) expansion in powers of 1 / sqrt(n); error about n^-2."""
    import numpy as np

    z, pi2 = math.sqrt(n) * statistic, math.pi**2
    z2, z4, z6 = z**2, z**4, z**6
    odd = (np.arange(math.ceil(16 * z / math.pi) + 1) + 0.5) ** 2  # (k + 1/2)^2
    even = np.arange(1.0, math.ceil(16 * z / math.pi) + 2) ** 2
    theta, whole = np.exp(-odd * pi2 / (2 * z2)), np.exp(-even * pi2 / (2 * z2))
    root = math.sqrt(2 * math.pi)
    k0 = 2 * root / (2 * z) * theta.sum()
    k1 = root / (6 * z4) * ((pi2 * odd - z2) * theta).sum()
    k2 = (
        root
        / (72 * z**7)
        * ((6 * z6 + 2 * z4 + pi2 * (2 * z4 - 5 * z2) * odd + pi2**2 * (1 - 2 * z2) * odd**2) * theta).sum()
        - pi2 * root / (36 * z**3) * (even * whole).sum()
    )
    cubic = (
        pi2**3 * (5 - 30 * z2) * odd**3
        + pi2**2 * (-60 * z2 + 212 * z4) * odd**2
        + pi2 * (135 * z4 - 96 * z6) * odd
        - 30 * z6
        - 90 * z**8
    )
    k3 = (
        root / (6480 * z**10) * (cubic * theta).sum()
        + root / (216 * z6) * ((3 * pi2 * z2 * even - pi2**2 * even**2) * whole).sum()
    )
    return float(k0 + k1 / math.sqrt(n) + k2 / n + k3 / n**1.5)
