"""The generated table as two months, one the reference of the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from columns import INTEGERS, NUMBERS

if TYPE_CHECKING:
    from maestro_ml.validation.context import ValidationContext

DAYS = 62
_STARTS = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 3, tzinfo=UTC))
MONTHS = tuple(pairwise(_STARTS))  # of 31 days each


@contextmanager
def opened_months(path: Path, **stages: Any) -> Iterator["ValidationContext"]:
    """Return the second month of the table, held against the first, with these stages declared."""
    from maestro_ml.project import Project, Window
    from maestro_ml.tables import open_dataset
    from maestro_ml.validation.context import ValidationContext

    table = {
        "source": {"kind": "parquet", "path": str(path.resolve())},
        "timestamp": "at",
        "columns": {"at": {"type": "timestamp"}}
        | {name: {"type": "integer" if name in INTEGERS else "number"} for name in NUMBERS},
        "extra_columns": "allow",
        "reference": {"kind": "previous"},
        **stages,
    }
    project = Project.model_validate({"name": "bench", "datasets": {"table": table}})
    with open_dataset(project, "table") as dataset:
        yield ValidationContext(dataset, Window(*MONTHS[1]), datetime.now(UTC))
