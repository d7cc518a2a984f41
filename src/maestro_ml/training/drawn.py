"""Draw the rows to test on, the same ones for the same rows and seed, whatever their order in the source was."""

import hashlib
from typing import TYPE_CHECKING, Any

from maestro_ml.project.splits import Splitting
from maestro_ml.training.stored_rows import OrderedRows

if TYPE_CHECKING:
    import numpy as np

_SHARES = 2**64


def test_rows(rows: OrderedRows, splitting: Splitting) -> "np.ndarray[Any, Any]":
    """Return a mask of the rows to test on; the rows come in a fixed order."""
    import numpy as np

    mask = np.zeros(len(rows), dtype=bool)
    if splitting.kind == "grouped":
        assert rows.groups is not None
        chosen = {group for group in set(rows.groups) if _place(group, splitting.seed) < splitting.share}
        return np.array([group in chosen for group in rows.groups], dtype=bool)
    random = np.random.default_rng(splitting.seed)
    classes = np.unique(rows.labels) if splitting.kind == "stratified" else [None]
    for label in classes:
        places = np.arange(len(rows)) if label is None else np.flatnonzero(rows.labels == label)
        mask[random.permutation(places)[: round(splitting.share * len(places))]] = True
    return mask


def _place(group: str | None, seed: int) -> float:
    """Return a number between 0 and 1 that depends on the group alone: it stays on one side as rows are added."""
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8]) / _SHARES
