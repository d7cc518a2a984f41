"""Charts of a decision record as inline SVG. Each says in words what it shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from maestro_ml.core.wording import number
from maestro_ml.gate_rules.outcome import SliceOutcome
from maestro_ml.training.decision.pictures import Bin, Curve, Points

if TYPE_CHECKING:
    from markupsafe import Markup

_SIDE, _EDGE = 240.0, 6.0
_BAR, _ROW = 320.0, 20.0


def curves_svg(curves: Sequence[Curve], label: str, diagonal: bool = False) -> "Markup":
    """Return lines over the unit square, the first one in front."""
    lines = "".join(
        f'<path class="line{place}" d="{_path(curve.points)}"/>' for place, curve in reversed(list(enumerate(curves)))
    )
    return _square(label, (_diagonal() if diagonal else "") + lines)


def calibration_svg(bins: Sequence[Bin], label: str) -> "Markup":
    """Return the frequency against the stated probability; a dot is the larger the more rows it stands for."""
    most = max((each.rows for each in bins), default=1)
    sizes = [_n(2 + 5 * (each.rows / most) ** 0.5) for each in bins]
    dots = "".join(
        f'<circle class="dot" cx="{_x(each.stated)}" cy="{_y(each.happened)}" r="{size}"/>'
        for each, size in zip(bins, sizes, strict=True)
    )
    line = f'<path class="line0" d="{_path([(each.stated, each.happened) for each in bins])}"/>'
    return _square(label, _diagonal() + line + dots)


def bars_svg(values: dict[str, float], label: str) -> "Markup":
    """Return a bar for each value, from zero to the left where it is negative."""
    low, high = min([0.0, *values.values()]), max([0.0, *values.values()])
    scale = _BAR / ((high - low) or 1.0)
    zero = -low * scale
    bars = "".join(
        f'<rect class="bar-{"gain" if value >= 0 else "loss"}" x="{_n(zero + min(0.0, value) * scale)}" '
        f'y="{_n(row * _ROW + 3)}" width="{_n(max(1.0, abs(value) * scale))}" height="14"/>'
        for row, value in enumerate(values.values())
    )
    height = max(1, len(values)) * _ROW
    axis = f'<path class="axis" d="M{_n(zero)} 0V{_n(height)}"/>'
    return _stretched(height, label, axis + bars)


def slices_svg(slices: Sequence[SliceOutcome], floor: float, label: str) -> "Markup":
    """Return a dot and its interval for each slice, and a line at the floor."""
    ends = [floor, *(value for each in slices for value in (each.measured, each.low, each.high) if value is not None)]
    low, high = min(ends), max(ends)
    scale = (_BAR - 2 * _EDGE) / ((high - low) or 1.0)

    def place(value: float) -> str:
        return _n(_EDGE + (value - low) * scale)

    rows = ""
    for row, each in enumerate(slices):
        middle = _n(row * _ROW + _ROW / 2)
        tone = "good" if each.passed else "bad"
        if each.low is not None and each.high is not None:
            rows += f'<path class="interval {tone}" d="M{place(each.low)} {middle}H{place(each.high)}"/>'
        if each.measured is not None:
            rows += f'<path class="mark {tone}" d="M{place(each.measured)} {_n(row * _ROW + 4)}v12"/>'
    height = max(1, len(slices)) * _ROW
    return _stretched(height, label, f'<path class="floor" d="M{place(floor)} 0V{_n(height)}"/>' + rows)


def histogram_svg(edges: Sequence[float], counts: Sequence[int], label: str) -> "Markup":
    """Return bars over equal widths, and a line at zero where it is inside."""
    most, width = max([1, *counts]), _SIDE / max(1, len(counts))
    bars = "".join(
        f'<rect class="bar-gain" x="{_n(place * width)}" y="{_n(_SIDE * (1 - count / most))}" '
        f'width="{_n(width * 0.94)}" height="{_n(_SIDE * count / most)}"/>'
        for place, count in enumerate(counts)
    )
    zero = ""
    if edges and edges[0] < 0 < edges[-1]:
        at = _n(_SIDE * -edges[0] / (edges[-1] - edges[0]))
        zero = f'<path class="axis" d="M{at} 0V{_n(_SIDE)}"/>'
    return _svg("square", _SIDE, _SIDE, label, bars + zero)


def scatter_svg(points: Points, label: str) -> "Markup":
    """Return a dot for each pair, over the range that holds both numbers, and the line where they are equal."""
    ends = [value for pair in points for value in pair] or [0.0]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0
    dots = "".join(
        f'<circle class="dot" cx="{_x((x - low) / span)}" cy="{_y((y - low) / span)}" r="2"/>' for x, y in points
    )
    return _square(f"{label}, from {number(low)} to {number(low + span)}", _diagonal() + dots)


def _stretched(height: float, label: str, body: str) -> "Markup":
    """Return a drawing whose width fits its place and whose rows are as high as the lines of text beside it."""
    from markupsafe import Markup

    opening = Markup('<svg class="bars" role="img" aria-label="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">')
    return opening.format(label, _n(_BAR), _n(height)) + Markup(body + "</svg>")  # noqa: S704 - as below


def _square(label: str, body: str) -> "Markup":
    edge, inside = _n(_EDGE), _n(_SIDE - 2 * _EDGE)
    frame = f'<rect class="frame" x="{edge}" y="{edge}" width="{inside}" height="{inside}"/>'
    return _svg("square", _SIDE, _SIDE, label, frame + body)


def _diagonal() -> str:
    return f'<path class="axis" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_x(x)} {_y(y)}" for x, y in points) if points else ""


def _x(share: float) -> str:
    return _n(_EDGE + share * (_SIDE - 2 * _EDGE))


def _y(share: float) -> str:
    return _n(_SIDE - _EDGE - share * (_SIDE - 2 * _EDGE))


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"


def _svg(kind: str, width: float, height: float, label: str, body: str) -> "Markup":
    from markupsafe import Markup

    # Only numbers of this module stand in the body; the words are escaped.
    opening = Markup('<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {} {}">')
    return opening.format(kind, label, _n(width), _n(height)) + Markup(body + "</svg>")  # noqa: S704
