"""The check `has_columns`: the table has some columns, and lacks others."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import ClassVar, Literal

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.listed_values import in_words
from maestro_ml.checks.tolerance import check_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.sql.table import WindowRows


class HasColumnsCheck(BaseCheck):
    """The table has the `columns`, in any order (with `exact`, no others), and none that `absent` names.

    A name in `absent` may be a pattern, such as `pii_*`. Names are compared with their case.
    """

    why: ClassVar = "A column was renamed or removed, or one that must not be here was added."

    check: Literal["has_columns"]
    columns: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    exact: bool = False

    def mistakes(self) -> Iterator[Mistake]:
        if not self.columns and not self.absent:
            yield Mistake((), "a has_columns check needs columns, absent or both")
        if self.exact and not self.columns:
            yield Mistake(("exact",), "exact applies to columns, and none are named")
        if self.where:
            yield Mistake(("where",), "`where` selects rows, and a has_columns check reads none")

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Yield none: a column that is not there is what the check finds."""
        yield from ()

    def probe(self, rows: WindowRows) -> Finding:
        found = rows.dataset.names
        lacking = [name for name in self.columns if name not in found]
        unwanted = [name for name in found if any(fnmatchcase(name, pattern) for pattern in self.absent)]
        others = [name for name in found if self.exact and name not in self.columns and name not in unwanted]
        parts = ((lacking, "there is no"), (unwanted, "there should be no"), (others, "not expected:"))
        wrong = "; ".join(f"{words} {in_words(names)}" for names, words in parts if names)
        details = {"columns": len(found), "lacking": len(lacking), "unwanted": len(unwanted) + len(others)}
        message = wrong or f"the {len(found):,} columns are as agreed"
        return check_finding(self, message, Result(details=details), violated=bool(wrong))
