"""Small charts as inline SVG. Each says in words what it shows, so that nothing is lost to who cannot see it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from maestro_ml.core.wording import number
from maestro_ml.sql.types import TIMES
from maestro_ml.validation.profile.model import ColumnProfile, Side

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH, _HEIGHT = 240.0, 72.0
_DAY = 86_400.0  # seconds
_LINE_WIDTH, _LINE_HEIGHT, _LINE_EDGE = 120.0, 28.0, 3.0


def histogram_svg(profile: ColumnProfile) -> "Markup | None":
    """Draw bars for now and a stepped line for the reference, as shares of their values; None where there is no value.

    Values beyond the edges stand in a bin of their own at each end, where there are any.
    """
    sides = [side for side in (profile.current, profile.reference) if side]
    ends = [any(side.below for side in sides), any(side.above for side in sides)]
    shares = [_shares(side, *ends) for side in sides]
    highest = max((share for side in shares for share in side), default=0)
    if not profile.edges or not highest:
        return None
    heights = [[_HEIGHT * share / highest for share in side] for side in shares]
    width = _WIDTH / len(heights[0])
    bars = "".join(
        f"M{_n(i * width)} {_n(_HEIGHT)}v{_n(-height)}h{_n(width * 0.94)}V{_n(_HEIGHT)}"
        for i, height in enumerate(heights[0])
        if height
    )
    line = ""
    if profile.reference and profile.reference.sampled:
        line = f"M0 {_n(_HEIGHT)}" + "".join(f"V{_n(_HEIGHT - height)}h{_n(width)}" for height in heights[1])
        line += f"V{_n(_HEIGHT)}"
    return _svg(
        "histogram",
        _WIDTH,
        _HEIGHT,
        _describe(profile),
        f'<path class="now" d="{bars}"/><path class="then" d="{line}"/>',
    )


def ends_of(profile: ColumnProfile) -> tuple[str, str]:
    """Return where a histogram begins and ends: of dates, the last day in it."""
    first, last = profile.edges[0], profile.edges[-1]
    if profile.kind not in TIMES:
        return number(first), number(last)
    is_date = profile.kind == "date"
    return _moment(first, is_date), _moment(last - _DAY if is_date else last, is_date)


def _moment(seconds: float, is_date: bool) -> str:
    import numpy as np  # whose calendar has no last year

    text = str(np.datetime64(int(seconds), "s"))
    return text.partition("T")[0] if is_date else text.replace("T", " ")


def line_svg(values: Sequence[float | None], label: str) -> "Markup":
    """Return a line over runs, a gap where a run did not measure it, a dot at the last one."""
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    step = (_LINE_WIDTH - 2 * _LINE_EDGE) / max(1, len(values) - 1)
    path, pen, dot = "", "M", ""
    for i, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        rise = (value - low) / (high - low) if high > low else 0.5
        x, y = _LINE_EDGE + i * step, _LINE_HEIGHT - _LINE_EDGE - rise * (_LINE_HEIGHT - 2 * _LINE_EDGE)
        path += f"{pen}{_n(x)} {_n(y)}"
        pen, dot = "L", f'<circle cx="{_n(x)}" cy="{_n(y)}" r="2.5"/>'
    return _svg("line", _LINE_WIDTH, _LINE_HEIGHT, label, f'<path d="{path}"/>{dot}')


def _shares(side: Side, below: bool, above: bool) -> list[float]:
    counts = [side.below] * below + list(side.counts) + [side.above] * above
    return [count / sum(counts) if sum(counts) else 0.0 for count in counts]


def _describe(profile: ColumnProfile) -> str:
    def half(side: Side) -> str:
        if profile.kind in TIMES and side.low is not None:
            return f"from {side.low} to {side.high}"
        low, high = side.quantiles.get("0.25"), side.quantiles.get("0.75")
        return "no value" if not side.quantiles else f"half of the values between {number(low)} and {number(high)}"

    then = f"; in the reference {half(profile.reference)}" if profile.reference else ""
    return f"Histogram of {profile.column[:80]}: now {half(profile.current)}{then}"


def _svg(kind: str, width: float, height: float, label: str, body: str) -> "Markup":
    from markupsafe import Markup

    # Only numbers of this module stand in the body; the words are escaped.
    opening = Markup('<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {} {}">')
    return opening.format(kind, label, _n(width), _n(height)) + Markup(body + "</svg>")  # noqa: S704


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"
