"""One side of a column's profile: the window's or the reference's."""

from maestro_ml.validation.profile.model import Side


def side(rows: int = 10, missing: int = 1, **other: object) -> Side:
    return Side(rows=rows, missing=missing, sampled=rows, **other)
