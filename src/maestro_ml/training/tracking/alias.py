"""Decide whether a new version takes the alias: only forward in data time, and not for a worse model."""

import math
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from maestro_ml.metrics.registry import metric_of
from maestro_ml.training.gate import shown


class Holder(BaseModel):
    """The version that has the alias now, and what is known about it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    version: str
    test_end: datetime | None = None  # None: not registered by Maestro
    value: float | None = None  # of the gate's metric; None: not known
    same_rows: bool = False  # measured on the candidate's test rows; otherwise the number recorded with the version
    obstacle: str = ""  # why it was not measured on them


class AliasMove(BaseModel):
    """The decision about the alias, with the numbers compared."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    moved: bool
    reason: str
    metric: str
    candidate: float
    candidate_test_end: datetime
    holder: Holder | None = None


class Promotion(BaseModel):
    """Whether a version became the champion, why or why not, and which version was it before."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    moved: bool
    reason: str
    before: str | None


def is_older(test_end: datetime, holder: Holder) -> bool:
    """Return whether the candidate's test rows end before the holder's."""
    return holder.test_end is not None and test_end < holder.test_end


def decide_move(
    alias: str, metric: str, candidate: float, test_end: datetime, holder: Holder | None, *, forced: bool = False
) -> AliasMove:
    """Decide whether the alias moves; `forced` moves it in any case."""
    moved, reason = _decided(alias, metric, candidate, test_end, holder, forced)
    return AliasMove(
        moved=moved, reason=reason, metric=metric, candidate=candidate, candidate_test_end=test_end, holder=holder
    )


def _decided(
    alias: str, metric: str, candidate: float, test_end: datetime, holder: Holder | None, forced: bool
) -> tuple[bool, str]:
    if holder is None:
        return True, f"nothing had the alias '{alias}'"
    before = f"version {holder.version}"
    if forced:
        return True, f"the move was requested; {before} had it"
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
    if not metric_of(metric).is_better(holder.value, candidate):
        return True, f"{before} had it, with {name} {theirs} {where}"
    return False, f"'{alias}' stays at {before}, which has {name} {theirs} {where}, better than this model's {mine}"
