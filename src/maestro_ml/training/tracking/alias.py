"""Whether a new version takes the alias: forward in data time, and not for a worse model."""

import math
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from maestro_ml.training.gate import shown


class Holder(BaseModel):
    """The version the alias names now, and what is known of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    version: str
    test_end: datetime | None = None  # None: not registered by Maestro
    value: float | None = None  # of the gate's metric; None: not known
    same_rows: bool = False  # measured on the candidate's test rows; otherwise the number recorded with the version
    obstacle: str = ""  # why it was not measured on them


class Move(BaseModel):
    """What followed for the alias, with the numbers compared."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    moved: bool
    reason: str
    metric: str
    candidate: float
    candidate_test_end: datetime
    holder: Holder | None = None


def is_older(test_end: datetime, holder: Holder) -> bool:
    """Whether the candidate's test rows end before the holder's."""
    return holder.test_end is not None and test_end < holder.test_end


def move(
    alias: str, metric: str, candidate: float, test_end: datetime, holder: Holder | None, *, asked: bool = False
) -> Move:
    """Decide; `asked` is a person's wish, and wins."""
    moved, reason = _decided(alias, metric, candidate, test_end, holder, asked)
    return Move(
        moved=moved, reason=reason, metric=metric, candidate=candidate, candidate_test_end=test_end, holder=holder
    )


def _decided(
    alias: str, metric: str, candidate: float, test_end: datetime, holder: Holder | None, asked: bool
) -> tuple[bool, str]:
    if holder is None:
        return True, f"nothing had the alias '{alias}'"
    before = f"version {holder.version}"
    if asked:
        return True, f"it was asked for by name; {before} had it"
    if is_older(test_end, holder):
        return False, (
            f"'{alias}' stays at {before}, whose test rows end {holder.test_end:%Y-%m-%d %H:%M}, later than this "
            f"model's {test_end:%Y-%m-%d %H:%M}"
        )
    if holder.value is None or math.isnan(holder.value):
        return True, f"{before} had it, and could not be compared: {holder.obstacle or 'its metric is not known'}"
    name = metric.replace("_", " ")
    theirs, mine = shown(holder.value, candidate), shown(candidate, holder.value)
    where = "on the same test rows" if holder.same_rows else f"on its own test rows ({holder.obstacle})"
    if candidate >= holder.value:
        return True, f"{before} had it, with {name} {theirs} {where}"
    return False, f"'{alias}' stays at {before}, which has {name} {theirs} {where}, better than this model's {mine}"
