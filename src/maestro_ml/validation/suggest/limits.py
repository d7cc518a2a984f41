"""Round limits around what was seen, never inside it."""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

_MARGIN = Decimal("0.1")  # of the range seen, to each side
_DIGITS = 400  # more than any double or decimal has


def bounds(low: float | Decimal, high: float | Decimal, *, whole: bool) -> tuple[float, float]:
    """Return a tenth of the range more on each side, to two digits of it; what was never negative stays so."""
    with localcontext(prec=_DIGITS):
        first, last = Decimal(low), Decimal(high)
        span = last - first or abs(first) or Decimal(1)
        step = Decimal(1).scaleb(span.adjusted() - 1)
        if whole:
            step = max(step, Decimal(1))
        below = ((first - _MARGIN * span) / step).to_integral_value(ROUND_FLOOR) * step
        above = ((last + _MARGIN * span) / step).to_integral_value(ROUND_CEILING) * step
        if low >= 0:
            below = max(below, Decimal(0))
        if high <= 0:
            above = min(above, Decimal(0))
        return _plain(below, low, whole, -math.inf), _plain(above, high, whole, math.inf)


def tolerated_share(found: float) -> float:
    """Return half as much again, at least a hundredth more; to the hundredth."""
    share = Decimal(str(found))  # in decimals 0.15 is 0.15
    more = max(share * Decimal("1.5"), share + Decimal("0.01"))
    return min(1.0, float(more.quantize(Decimal("0.01"), ROUND_CEILING)))


def half_and_twice(count: int) -> tuple[int, int]:
    """Return half and twice the number, to two digits, outward; at least one."""
    low, high = Decimal(count) / 2, Decimal(count) * 2
    steps = [max(Decimal(1).scaleb(end.adjusted() - 1), Decimal(1)) for end in (low, high)]
    below = (low / steps[0]).to_integral_value(ROUND_FLOOR) * steps[0]
    above = (high / steps[1]).to_integral_value(ROUND_CEILING) * steps[1]
    return max(1, int(below)), int(above)


def _plain(limit: Decimal, seen: float | Decimal, whole: bool, outward: float) -> float:
    """Return the limit as YAML's number; what was seen itself, where no double lies further out."""
    if whole:
        return int(limit)
    value = float(limit)
    if not math.isfinite(value):
        value = float(seen)
    if isinstance(seen, float):
        return value
    inside = Decimal(repr(value)) > seen if outward < 0 else Decimal(repr(value)) < seen
    return math.nextafter(value, outward) if inside else value
