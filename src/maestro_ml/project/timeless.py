"""What a dataset without an event timestamp cannot have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.history import HistoryCheck
from maestro_ml.core.node import Mistake
from maestro_ml.project.references import SnapshotReference

if TYPE_CHECKING:
    from maestro_ml.project.datasets import Dataset

_UNTIMED = "the dataset has no `timestamp`"


def timeless_mistakes(dataset: "Dataset") -> Iterator[Mistake]:
    """Report each part of a dataset that needs its rows' time, by its name."""
    if "window" in dataset.model_fields_set:
        yield _mistake(("window",), f"a window is a range of time, and {_UNTIMED}: all of its rows are read")
    if dataset.freshness:
        yield _mistake(("freshness",), f"freshness is the age of the newest row, and {_UNTIMED}")
    if dataset.reference and not isinstance(dataset.reference, SnapshotReference):
        kind = dataset.reference.kind
        message = f"a {kind} reference is a range of time, and {_UNTIMED}; give {{kind: snapshot, path: ...}}"
        yield _mistake(("reference", "kind"), message)
    for index, check in enumerate(dataset.checks):
        if isinstance(check, HistoryCheck):
            what = "compares the windows of earlier runs"
        elif isinstance(check, BaseCheck) and check.reads_event_time:
            what = "goes by the order of the rows in time"
        else:
            continue
        yield _mistake(("checks", index, "check"), f"the check {check.name()} {what}, and {_UNTIMED}")


def _mistake(path: tuple[str | int, ...], message: str) -> Mistake:
    return Mistake(path, message, (("timestamp",),))
