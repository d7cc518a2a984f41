"""The rows of the window and of its reference, in as few scans as can be."""

from typing import TYPE_CHECKING, NamedTuple

from maestro_ml.project import Window
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import LocalTable
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import LocalRows

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

SIDE = "__maestro_side"  # our own column: 0 in rows of the reference, 1 in those of the window


def sides_of(context: ValidationContext) -> list[LocalRows]:
    """Return the reference, where there is one, and the window."""
    reference = [context.reference.extract] if context.spec.reference else []
    return [*reference, context.current.extract]


class Scan(NamedTuple):
    """Rows with PLACE and SIDE, and the sides that they are of, by their numbers."""

    rows: "DuckDBPyRelation"
    sides: dict[int, LocalRows]

    @property
    def dataset(self) -> LocalTable:
        return next(iter(self.sides.values())).dataset


def scans_of(sides: list[LocalRows]) -> list[Scan]:
    """Return one scan of both sides where one begins as the other ends.

    Windows that do not touch have scans of their own, so that neither reads what lies between.
    """
    numbered = dict(zip((1, 0), reversed(sides), strict=False))
    both = _together(*sides) if len(sides) > 1 else None
    if both:
        dataset = numbered[1].dataset
        side = f"(CASE WHEN {dataset.inside(both[1])} THEN 1 ELSE 0 END)::TINYINT"
        window = Window(both[0].start, both[1].end)
        return [Scan(dataset.placed_rows(window).project(f"*, {side} AS {quoted(SIDE)}"), numbered)]
    return [
        Scan(side.dataset.placed_rows(side.window).project(f"*, {number}::TINYINT AS {quoted(SIDE)}"), {number: side})
        for number, side in numbered.items()
    ]


def _together(reference: LocalRows, current: LocalRows) -> tuple[Window, Window] | None:
    """Return both windows, where they are of one table and nothing lies between them."""
    first, second = reference.window, current.window
    touch = first and second and reference.dataset is current.dataset and first.end == second.start
    return (first, second) if first and second and touch else None
