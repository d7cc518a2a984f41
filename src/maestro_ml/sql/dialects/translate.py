"""DuckDB's SQL, as the checks write it, in the dialect of another engine.

sqlglot knows the grammars; here is what it leaves as it was, or would turn into something with other results.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import QueryError
from maestro_ml.sql.dialects.base import Dialect
from maestro_ml.sql.portable_regex import translated as translated_regex

if TYPE_CHECKING:
    from sqlglot.expressions import Expr

_UNIT = re.compile(r"_(NS|MS|S)$")


def translated(sql: str, dialect: Dialect) -> "Expr":
    """Translate a query into sqlglot's tree with the dialect's own functions; `text_of` writes it.

    Raises:
        QueryError: it holds what the dialect has no equal for.
    """
    import sqlglot

    tree = sqlglot.parse_one(sql, dialect="duckdb")
    for node in reversed(list(tree.walk())):  # from the leaves, so that a replacement holds nothing of DuckDB's
        replacement = _translated(node, dialect)
        if replacement is not node:
            tree = replacement if node is tree else tree
            node.replace(replacement)
    return _with_aliases(tree)


def text_of(tree: "Expr", dialect: Dialect) -> str:
    """Return the tree's SQL, every name quoted."""
    return str(tree.sql(dialect=dialect.name, identify=True, comments=False))


def tables_of(tree: "Expr") -> list[str]:
    """Return the names of the tables a query reads, each once."""
    from sqlglot import expressions

    return list(dict.fromkeys(table.name for table in tree.find_all(expressions.Table)))


def _translated(node: "Expr", dialect: Dialect) -> "Expr":  # noqa: PLR0911 - a table, written as one
    from sqlglot import expressions as e

    match node:
        case e.RegexpFullMatch():
            pattern = translated_regex(node.expression.name, dialect.pattern_end)
            return _filled(dialect, "regexpfullmatch", [node.this, e.Literal.string(pattern)])
        case e.Anonymous() if node.name.lower() in dialect.functions:
            return _filled(dialect, node.name.lower(), node.expressions)
        case e.Anonymous():
            raise QueryError(f"{node.name} has no equal in {dialect.title}")
        case e.Func() if type(node).__name__.lower() in dialect.functions:
            return _filled(dialect, type(node).__name__.lower(), [*node.iter_expressions()])
        case e.In() if isinstance(values := _listed(node), list):
            return e.In(this=node.this, expressions=values)
        case e.DataType():
            return _type(node, dialect)
        case e.TryCast() if not dialect.has_try_cast:
            raise QueryError(f"{dialect.title} has no TRY_CAST")
        case e.Filter() if not dialect.has_filter:
            return _conditional(node)
        case e.Select() if not dialect.has_grouping_sets and _grouping_sets(node):
            return _grouped_by_each(node)
        case _:
            return dialect.rewrite(node)


def _filled(dialect: Dialect, function: str, arguments: Sequence["Expr"]) -> "Expr":
    """Put arguments into the dialect's SQL for a function."""
    from sqlglot import expressions as e

    tree = _parsed(dialect.functions[function], dialect.name).copy()
    for column in [*tree.find_all(e.Column)]:
        call = column.parent
        if column.name == "_all" and call:
            call.set(
                "expressions",
                [
                    part
                    for child in call.expressions
                    for part in ([a.copy() for a in arguments] if child is column else [child])
                ],
            )
        elif column.name.startswith("_"):
            column.replace(arguments[int(column.name[1:])].copy())
    return tree


@lru_cache
def _parsed(sql: str, dialect: str) -> "Expr":
    import sqlglot

    return sqlglot.parse_one(sql, dialect=dialect)


def _type(node: "Expr", dialect: Dialect) -> "Expr":
    """Return the dialect's type; a time without the precision in its name."""
    from sqlglot import expressions as e

    kind = node.args.get("kind")
    name = str(kind).upper() if node.this.name == "USERDEFINED" and kind else node.this.name
    if name.startswith("TIMESTAMP"):
        name = _UNIT.sub("", name)
    if name in dialect.types:
        return e.DataType.build(dialect.types[name], dialect=dialect.name)
    return e.DataType.build(name, dialect="duckdb") if name.startswith("TIMESTAMP") else node


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


def _conditional(node: "Expr") -> "Expr":
    """Write `f(x) FILTER (WHERE c)` as `f(CASE WHEN c THEN x END)`."""
    from sqlglot import expressions as e

    aggregate: Expr = node.this.copy()
    condition = node.expression.this

    def chosen(value: "Expr") -> "Expr":
        return e.Case(ifs=[e.If(this=condition.copy(), true=value)])

    argument = aggregate.this
    if isinstance(argument, e.Distinct):
        argument.set("expressions", [chosen(value.copy()) for value in argument.expressions])
    else:
        aggregate.set("this", chosen(e.Literal.number(1) if isinstance(argument, e.Star) else argument.copy()))
    return aggregate


def _grouping_sets(select: "Expr") -> "list[Expr]":
    from sqlglot import expressions as e

    group = select.args.get("group")
    sets = next((part for part in group.expressions if isinstance(part, e.GroupingSets)), None) if group else None
    return [part.unnest() for part in sets.expressions] if sets else []


def _grouped_by_each(select: "Expr") -> "Expr":
    """Write a query with GROUPING SETS of one column each as a UNION ALL of queries that group by one of them."""
    from sqlglot import expressions as e

    columns = _grouping_sets(select)
    parts = []
    for column in columns:
        part = select.copy()
        part.set("group", e.Group(expressions=[column.copy()]))
        for grouping in [*part.find_all(e.Grouping)]:
            grouping.replace(e.Literal.number(int(grouping.expressions[0].name != column.name)))
        others = {other.name for other in columns} - {column.name}
        for each in part.expressions:
            for found in [*each.find_all(e.Column)]:
                if found.name in others:
                    found.replace(e.Null())
        parts.append(part)
    return e.union(*parts, distinct=False) if len(parts) > 1 else parts[0]


def _with_aliases(tree: "Expr") -> "Expr":
    """Name subqueries: PostgreSQL before 16 wants that, and Spark takes `WHERE (x)` after a bare table for an alias."""
    from sqlglot import expressions as e

    for number, source in enumerate(tree.find_all(e.Subquery, e.Table)):
        if isinstance(source.parent, e.From | e.Join) and not source.alias:
            name = source.name if isinstance(source, e.Table) else f"subquery {number}"
            source.set("alias", e.TableAlias(this=e.to_identifier(name, quoted=True)))
    return tree
