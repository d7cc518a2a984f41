"""How an engine's SQL differs from DuckDB's, as data."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sqlglot.expressions import Expr


class Dialect:
    """DuckDB's SQL; the dialect of another engine overrides what differs.

    Attributes:
        name: sqlglot's name for the grammar.
        title: the engine's name in messages.
        functions: SQL of the engine for functions of DuckDB, by sqlglot's name for the function in small letters (or
            its own, where sqlglot does not know it): `_0` and `_1` are its arguments, `_all` is all of them.
        types: types of the engine by sqlglot's name for DuckDB's.
        pattern_end: what a regular expression has at the end of a text.
        view_hint: what stands before the query of a common table expression.
        max_columns: how many columns a query may have; None if there is no limit to think of.
        has_nan: whether floating-point columns can hold NaN.
        nan_sign: an aggregate that is NaN if its argument is, for some row.
        has_filter: whether aggregates can have a FILTER clause.
        has_grouping_sets: whether there is GROUP BY GROUPING SETS.
        has_try_cast: whether there is TRY_CAST.
        compares_exactly: whether numbers of different types can be compared exactly, as structs.
        compares_floats: whether single-precision columns are compared with literals as in DuckDB.
        holds_nanoseconds: whether times can be finer than microseconds.
        reads_texts: whether it can tell which texts are values of another type, by DuckDB's rules.
        widens_sums: whether the sum of whole numbers is wider than they are.
        has_json_valid: whether there is `json_valid`, as in DuckDB.
    """

    name: ClassVar[str] = "duckdb"
    title: ClassVar[str] = "DuckDB"
    functions: ClassVar[Mapping[str, str]] = {}
    types: ClassVar[Mapping[str, str]] = {}
    pattern_end: ClassVar[str] = r"\z"
    view_hint: ClassVar[str] = ""
    max_columns: ClassVar[int | None] = None
    has_nan: ClassVar[bool] = True
    nan_sign: ClassVar[str] = "sum({})"  # faster than counting
    has_filter: ClassVar[bool] = True
    has_grouping_sets: ClassVar[bool] = True
    has_try_cast: ClassVar[bool] = True
    compares_exactly: ClassVar[bool] = True
    compares_floats: ClassVar[bool] = True
    holds_nanoseconds: ClassVar[bool] = True
    reads_texts: ClassVar[bool] = True
    widens_sums: ClassVar[bool] = True
    has_json_valid: ClassVar[bool] = True

    def rewrite(self, node: "Expr") -> "Expr":
        """Return what stands in the place of a node that data alone cannot describe; its children are translated.

        Raises:
            QueryError: the engine has no equal for it.
        """
        return node


class RemoteDialect(Dialect):
    """What the engines beside DuckDB have in common."""

    types: ClassVar[Mapping[str, str]] = {"INT128": "DECIMAL(38, 0)"}
    max_columns: ClassVar[int | None] = 1_000
    nan_sign: ClassVar[str] = "max({})"  # NaN is the largest; a sum could overflow, which is an error there
    compares_exactly: ClassVar[bool] = False
    compares_floats: ClassVar[bool] = False
    holds_nanoseconds: ClassVar[bool] = False
    reads_texts: ClassVar[bool] = False
    widens_sums: ClassVar[bool] = False
    has_json_valid: ClassVar[bool] = False


DUCKDB = Dialect()
