"""DuckDB's SQL, as the checks write it, in the dialect of another engine.

sqlglot knows the grammars; here is what it leaves as it was, or would make into something that answers otherwise.
"""

from typing import TYPE_CHECKING, Any, Literal

from maestro_ml.core.errors import QueryError
from maestro_ml.sql.portable_regex import translated as translated_regex

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

Dialect = Literal["spark", "postgres"]


def translated(sql: str, dialect: Dialect) -> "Expr":
    """Translate a query into sqlglot's tree with the dialect's own functions; `text_of` writes it.

    Raises:
        QueryError: it holds what the dialect has no equal for.
    """
    import sqlglot

    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for node in reversed(list(tree.walk())):  # from the leaves, so that what is put in place holds no DuckDB any more
        node.replace(_alike(node, dialect))
    return _with_aliases(tree)


def text_of(tree: "Expr", dialect: Dialect) -> str:
    """Return the tree's SQL, every name quoted."""
    return str(tree.sql(dialect=dialect, identify=True, comments=False))


def tables_of(tree: "Expr") -> list[str]:
    """Return the names of the tables a query reads, each once."""
    from sqlglot import expressions

    return list(dict.fromkeys(table.name for table in tree.find_all(expressions.Table)))


def _alike(node: "Expr", dialect: Dialect) -> "Expr":  # noqa: PLR0911 - a table, written as one
    from sqlglot import expressions as e

    spark = dialect == "spark"
    match node:
        case e.Anonymous() if node.name.lower() == "epoch_us":
            return _spark("unix_micros", *node.expressions) if spark else _postgres_microseconds(node.expressions[0])
        case e.Anonymous() if node.name.lower() == "hash":
            return _hash(node.expressions, spark)
        case e.Anonymous():
            raise QueryError(f"{node.name} has no equal in {dialect}")
        case e.IsNan() if not spark:
            return e.Paren(this=e.EQ(this=node.this, expression=e.cast(e.Literal.string("NaN"), "double")))
        case e.RegexpFullMatch():
            pattern = translated_regex(node.expression.name, "java" if spark else "postgres")
            return e.RegexpLike(this=node.this, expression=e.Literal.string(pattern))
        case e.In() if isinstance(values := _listed(node), list):
            return e.In(this=node.this, expressions=values)
        case e.AtTimeZone() if spark:
            return _spark_instant(node.this, node.args["zone"])
        case e.DataType():
            return _type(node)
        case e.TryCast() if not spark:
            raise QueryError("PostgreSQL has no TRY_CAST")
        case _:
            return node


def _type(node: "Expr") -> "Expr":
    """Drop the precision from a time's type, and make 128 bits a decimal."""
    from sqlglot import expressions as e

    kind = node.args.get("kind")
    name = str(kind).upper() if node.this.name == "USERDEFINED" and kind else node.this.name
    if name == "INT128":
        return e.DataType.build("DECIMAL(38, 0)", dialect="duckdb")
    if name.startswith("TIMESTAMP") and name.endswith(("_NS", "_MS", "_S")):
        return e.DataType.build("TIMESTAMPTZ" if name.startswith("TIMESTAMPTZ") else "TIMESTAMP", dialect="duckdb")
    return node


def _hash(values: list["Expr"], spark: bool) -> "Expr":
    from sqlglot import expressions as e

    if spark:
        return _spark("xxhash64", *values)
    row = e.Anonymous(this="ROW", expressions=values)
    return e.Anonymous(this="HASH_RECORD_EXTENDED", expressions=[row, e.Literal.number(0)])


def _postgres_microseconds(moment: "Expr") -> "Expr":
    from sqlglot import expressions as e

    seconds = e.Extract(this=e.Var(this="EPOCH"), expression=moment)
    return e.cast(e.Paren(this=e.Mul(this=seconds, expression=e.Literal.number(1_000_000))), "bigint")


def _listed(node: "Expr") -> "list[Expr] | None":
    """Return the literals of `IN (SELECT unnest([...]))`."""
    from sqlglot import expressions as e

    query: Any = node.args.get("query")
    select = query.this if isinstance(query, e.Subquery) else query
    if not isinstance(select, e.Select) or len(select.expressions) != 1:
        return None
    [values] = select.expressions
    array = values.this if isinstance(values, e.Explode | e.Unnest) else None
    return list(array.expressions) if isinstance(array, e.Array) else None


def _spark_instant(naive: "Expr", zone: "Expr") -> "Expr":
    """Return the later of the two instants of an ambiguous local time (DST), as DuckDB and PostgreSQL do."""
    from sqlglot import expressions as e

    if zone.name == "UTC":  # the session's
        return e.cast(naive, "timestamptz", dialect="duckdb")
    first = _spark("to_utc_timestamp", naive, zone)
    second = e.Add(this=first.copy(), expression=e.Interval(this=e.Literal.string("1"), unit=e.Var(this="HOUR")))
    again = _spark("from_utc_timestamp", second.copy(), zone)
    same = e.EQ(this=e.cast(again, "timestamp", dialect="duckdb"), expression=naive.copy())
    return e.Case(ifs=[e.If(this=same, true=second)], default=first)


def _spark(function: str, *arguments: "Expr") -> "Expr":
    from sqlglot import expressions as e

    return e.Anonymous(this=function, expressions=[argument.copy() for argument in arguments])


def _with_aliases(tree: "Expr") -> "Expr":
    """PostgreSQL before 16 wants a name for subqueries; Spark takes a `WHERE (x)` behind a bare table for its alias."""
    from sqlglot import expressions as e

    for number, source in enumerate(tree.find_all(e.Subquery, e.Table)):
        if isinstance(source.parent, e.From | e.Join) and not source.alias:
            name = source.name if isinstance(source, e.Table) else f"subquery {number}"
            source.set("alias", e.TableAlias(this=e.to_identifier(name, quoted=True)))
    return tree
