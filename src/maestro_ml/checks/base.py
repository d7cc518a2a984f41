"""What checks have in common: severity, which rows they look at, how many may fail."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, ClassVar, get_args

from pydantic import Field

from maestro_ml.core.node import Mistake, Node, Severity
from maestro_ml.sql.predicates import Predicate, predicate_columns
from maestro_ml.sql.types import ColumnType, in_words

if TYPE_CHECKING:
    from maestro_ml.checks.probe import Probe
    from maestro_ml.core.findings import Finding
    from maestro_ml.sql.columns import Columns
    from maestro_ml.sql.table import WindowRows

_COLUMN_FIELDS = ("column", "columns", "left", "right", "by")
_PREDICATE_FIELDS = ("where", "sql")

Share = Annotated[float, Field(ge=0, le=1)]


@cache
def _there(kind: type["Check"], fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the fields a kind of check has: to look for the others in each check takes long."""
    return tuple(field for field in fields if field in kind.model_fields or hasattr(kind, field))


class Check(Node):
    """A check that a dataset declares; each kind states its name as `check: Literal["name"]`.

    Attributes:
        why: why a violation matters, for somebody who did not write the check.
        needs_own_length: the check means a window as long as the dataset's, and says nothing about another one.
        accepts: the types `column` may have; None for any.
    """

    why: ClassVar[str]
    needs_own_length: ClassVar[bool] = False
    accepts: ClassVar[tuple[ColumnType, ...] | None] = None

    check: str
    severity: Severity = "error"

    @classmethod
    def name(cls) -> str:
        """Return the name findings carry."""
        [name] = get_args(cls.model_fields["check"].annotation)
        return str(name)

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Yield every column of its own dataset the check names, with the field that names it."""
        if (column := getattr(self, "column", None)) is not None:
            yield "column", column

    def predicates(self) -> Iterator[tuple[str, str]]:
        """Yield the predicates of the check, each with the field that has it."""
        yield from ()

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        """Yield what is wrong with the check for columns of these types.

        The path of a mistake starts at the check, those of `because` at the dataset.
        """
        column: str | None = getattr(self, "column", None)
        if self.accepts and column and column in types and types[column] not in self.accepts:
            what = f"{in_a_sentence(self.name())} check"
            yield wrong_type(what, "column", column, types[column], self.accepts)


class BaseCheck(Check):
    """A check of a window's rows, or of those for which `where` is true.

    Attributes:
        compares_values: whether a column whose values are read inexactly cannot serve the check.
        reads_every_column: whether the check reads all columns of the dataset.
        reads_event_time: whether the check orders the rows by their event time.
    """

    compares_values: ClassVar[bool] = True
    reads_every_column: ClassVar[bool] = False
    reads_event_time: ClassVar[bool] = False

    where: Predicate | None = None

    @abstractmethod
    def probe(self, rows: "WindowRows") -> "Probe | Finding":
        """Return how to measure the check over some rows, or a finding that says why that is impossible."""

    def named_columns(self) -> Iterator[tuple[str, str]]:
        """Yield every column of its own dataset the check names, with the field that names it."""
        for field in _there(type(self), _COLUMN_FIELDS):
            value = getattr(self, field) or ()
            yield from ((field, name) for name in ((value,) if isinstance(value, str) else value))
        yield from ((field, name) for field, predicate in self.predicates() for name in predicate_columns(predicate))

    def predicates(self) -> Iterator[tuple[str, str]]:
        """Yield the predicates of the check, each with the field that has it."""
        for field in _there(type(self), _PREDICATE_FIELDS):
            if predicate := getattr(self, field):
                yield field, predicate

    def columns_read(self, dataset: "Columns") -> Iterator[tuple[str, str]]:
        """Yield every column of the dataset the check compares, also those it does not name."""
        yield from self.named_columns()
        if self.reads_every_column:
            yield from (("columns", name) for name in dataset.types)
        if self.reads_event_time and dataset.spec.event_column in dataset.types:
            yield "timestamp", dataset.spec.event_column


class TolerantCheck(BaseCheck):
    """A check that counts rows: at most `max_count` of them, or the share `max_share`, may fail; by default none.

    Rows in which a column of the check is missing do not count where `ignore_nulls`.
    """

    max_share: Share | None = None
    max_count: Annotated[int, Field(ge=0)] | None = None
    ignore_nulls: bool = False

    def mistakes(self) -> Iterator[Mistake]:
        if self.max_share is not None and self.max_count is not None:
            yield Mistake((), "give max_share or max_count, not both")
        if self.ignore_nulls and not self.judged_columns():
            yield Mistake(("ignore_nulls",), f"{in_a_sentence(self.name())} check does not look at values of a column")

    def judged_columns(self) -> tuple[str, ...]:
        """Return the columns whose values the check judges, without those that choose or group rows."""
        return tuple(dict.fromkeys(name for field, name in self.named_columns() if field not in ("where", "by")))

    def tolerates(self, count: int, rows: int) -> bool:
        """Return whether `count` failing rows out of `rows` are few enough."""
        if self.max_count is not None:
            return count <= self.max_count
        return not count or count / rows <= (self.max_share or 0)


def in_a_sentence(name: str) -> str:
    """Return a name with its article, such as `an allowed`."""
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def wrong_type(what: str, field: str, column: str, found: ColumnType, wanted: tuple[ColumnType, ...]) -> Mistake:
    """Return the mistake of a check whose column is of another type than it needs."""
    message = f"{what} needs {in_words(wanted)}, and column '{column}' is {found}"
    return Mistake((field,), message, (("columns", column, "type"),))


def bounds_mistakes(what: str, low: float | None, high: float | None) -> Iterator[Mistake]:
    """Find what is wrong with a pair of bounds: there is none, or they are not in order."""
    if low is None and high is None:
        yield Mistake((), f"a {what} needs min, max or both")
    if low is not None and high is not None and low > high:
        yield Mistake((), f"min {low} is above max {high}")
