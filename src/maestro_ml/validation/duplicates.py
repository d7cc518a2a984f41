"""Rows that repeat others: grouped, which spills to disk where memory ends."""

from maestro_ml.data.identifiers import quoted
from maestro_ml.project.checks import DuplicateRowsCheck, UniqueCheck
from maestro_ml.validation.findings import Finding, finding
from maestro_ml.validation.subject import Slice
from maestro_ml.validation.wording import percent, share


def repeated_rows(check: UniqueCheck | DuplicateRowsCheck, current: Slice) -> Finding:
    """How many rows repeat another in the check's columns (in every column, where it names none)."""
    named = check.columns if isinstance(check, UniqueCheck) else None
    columns = named or tuple(current.dataset.types)
    grouped = current.rows.aggregate("count(*) AS n", ", ".join(map(quoted, columns)))
    [(rows, repeated)] = grouped.aggregate("coalesce(sum(n), 0)::BIGINT, coalesce(sum(n - 1), 0)::BIGINT").fetchall()
    what = f"repeat another in {', '.join(named)}" if named else "repeat another in every column"
    limit = f"; at most {percent(check.max_share)}" if check.max_share else ""
    return finding(
        "quality",
        check.check,
        check.severity,
        f"{share(repeated, rows)} rows {what}{limit}",
        violated=rows > 0 and repeated / rows > check.max_share,
        column=", ".join(named) if named else None,
        count=repeated,
        rows=rows,
        max_share=check.max_share,
    )
