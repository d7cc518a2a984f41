"""Names of columns that SQL distinguishes."""

from collections.abc import Iterable

from maestro_ml.core.errors import WrongSource


def expect_distinct(names: Iterable[str], place: str) -> None:
    """Raise WrongSource where a column has no name, that of another, or one that differs from it in case only."""
    seen: dict[str, str] = {}
    for name in names:
        if not name:
            raise WrongSource(f"{place}: a column has no name; give it one")
        if (other := seen.get(name.lower())) is not None:
            case = "" if other == name else "; names that differ only in case are one name"
            raise WrongSource(f"{place}: two columns are named {other} and {name}{case}; rename one")
        seen[name.lower()] = name
