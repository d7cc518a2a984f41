"""Soda's checks of a table's columns."""

from typing import Any

from maestro_ml.importers.suite import Mapped, NoCounterpart, check
from maestro_ml.importers.types import contract_type


def schema(word: str, wanted: Any, severity: str | None) -> Mapped:
    """Return what a condition such as `when required column missing` becomes."""
    word = " ".join(word.split()).removesuffix("s")
    if word == "when required column missing":
        return Mapped((check("has_columns", columns=_listed(wanted), severity=severity),))
    if word == "when forbidden column present":
        patterns = [name.replace("%", "*") for name in _listed(wanted)]
        return Mapped((check("has_columns", absent=patterns, severity=severity),))
    if word == "when wrong column type":
        return Mapped(columns={name: typed(kind, severity) for name, kind in dict(wanted).items()})
    if word == "when wrong column index":
        places = sorted(dict(wanted).items(), key=lambda pair: pair[1])
        if [place for _, place in places] != list(range(len(places))):
            raise NoCounterpart("`column_order` takes all columns in order, and this is the place of some")
        note = "here these are all columns of the table"
        return Mapped((check("column_order", columns=[name for name, _ in places], severity=severity),), note=note)
    raise NoCounterpart(f"no check compares the columns with those of an earlier run: {word}")


def _listed(wanted: Any) -> list[str]:
    return [str(name) for name in (wanted if isinstance(wanted, list) else [wanted])]


def typed(name: Any, severity: str | None = None) -> dict[str, Any]:
    """Return a column of the contract for the name of a type; raises NoCounterpart if a contract has no such type."""
    kind = contract_type(str(name))
    if kind is None:
        raise NoCounterpart(f"a contract has no type for {name}")
    return {"type": kind} | ({"severity": severity} if severity else {})
