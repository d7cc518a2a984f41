"""What differs between a training as it was recorded and the same one made again."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from maestro_ml.training.candidate import Candidate
from maestro_ml.training.decision.environment import Environment
from maestro_ml.training.decision.record import DecisionRecord
from maestro_ml.training.evaluation import Evaluation
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.origin import Origin

Kind = Literal[
    "model", "metric", "rows", "column", "file", "definition", "parameter", "declaration", "code", "package", "machine"
]
_RESULTS: tuple[Kind, ...] = ("model", "metric", "rows", "column")
_ABSENT = "none"


class Difference(BaseModel):
    """One thing that is not as it was recorded.

    Attributes:
        kind: `model`, `metric`, `rows` and `column` are results; the others may explain them.
        name: what differs: a file, a column, a package, a key of the project file, ...
        recorded, found: both values, as text; `none` where there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: Kind
    name: str
    recorded: str
    found: str

    @property
    def is_result(self) -> bool:
        """Whether the rows, the model or a metric differ, and not only what may explain it."""
        return self.kind in _RESULTS


@dataclass(frozen=True)
class Today:
    """What holds today: this environment, and what the project file says, in whose place the record's words are used.

    Attributes:
        model, dataset, source: the declarations, as in `Origin`.
        maestro: the version of Maestro.
    """

    model: Mapping[str, Any]
    dataset: Mapping[str, Any]
    source: str
    environment: Environment
    maestro: str


@dataclass(frozen=True)
class Rebuilt:
    """A training set that was built again."""

    data: TrainingSet
    origin: Origin


@dataclass(frozen=True)
class Refitted:
    """A model that was fitted and evaluated again."""

    candidate: Candidate
    evaluation: Evaluation
    model_sha256: str


def differences(
    record: DecisionRecord, now: Today, rebuilt: Rebuilt | None, refitted: Refitted | None
) -> list[Difference]:
    """Return everything that differs, results first.

    Args:
        rebuilt, refitted: None where building or fitting failed.
    """
    origin = record.origin
    assert origin is not None
    found = [
        *(_results(record, refitted) if refitted else ()),
        *(_rows(record, origin, rebuilt) if rebuilt else ()),
        *(_candidates(record.candidate, refitted.candidate) if refitted else ()),
        *_declarations(record, origin, now),
        *_environments(record, now),
    ]
    return found


def _results(record: DecisionRecord, refitted: Refitted) -> Iterator[Difference]:
    yield from _one("model", "the model's file", record.model_sha256, refitted.model_sha256)
    for who in ("candidate", "baseline"):
        before, after = getattr(record.evaluation, who).scalars(), getattr(refitted.evaluation, who).scalars()
        prefix = "" if who == "candidate" else "baseline "
        for name in {**before, **after}:
            if not _equal(before.get(name), after.get(name)):
                yield from _one("metric", f"{prefix}{name}", before.get(name), after.get(name))


def _equal(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return before == after or (math.isnan(before) and math.isnan(after))


def _rows(record: DecisionRecord, origin: Origin, rebuilt: Rebuilt) -> Iterator[Difference]:
    yield from _one("rows", "rows of the training set", record.data.rows, rebuilt.data.rows)
    yield from _one("rows", "rows without a label", record.data.dropped_unlabelled, rebuilt.data.dropped_unlabelled)
    for part, before, after in _paired(
        {f"{part.start:%Y-%m-%d %H:%M} to {part.end:%Y-%m-%d %H:%M}": part for part in origin.parts},
        {f"{part.start:%Y-%m-%d %H:%M} to {part.end:%Y-%m-%d %H:%M}": part for part in rebuilt.origin.parts},
    ):
        if before is None or after is None or before.sha256 != after.sha256:
            shown = [_ABSENT if each is None else f"{each.rows:,} rows, {each.sha256[:12]}" for each in (before, after)]
            yield Difference(kind="rows", name=f"rows from {part}", recorded=shown[0], found=shown[1])
    roles = dict.fromkeys((*record.data.features, *rebuilt.data.features), "feature")
    roles |= {record.data.label: "label", rebuilt.data.label: "label"}
    for name, before, after in _paired(origin.columns, rebuilt.origin.columns):
        yield from _one("column", f"{roles.get(name, 'column')} {name}", _short(before), _short(after))
    files = [{(f.of, f.name): f for f in each.files} for each in (origin, rebuilt.origin)]
    for (of, name), before, after in _paired(*files):
        shown = [_ABSENT if f is None else f"{f.bytes:,} bytes {_short(f.digest)}".rstrip() for f in (before, after)]
        yield from _one("file", f"{name} of {of}", *shown)
    for name, before, after in _paired(origin.definitions, rebuilt.origin.definitions):
        yield from _deep("definition", name, before, after, " ")


def _candidates(recorded: Candidate, found: Candidate) -> Iterator[Difference]:
    """Compare what was fitted: a search may have chosen other parameters, and Maestro may have other defaults."""
    yield from _one("rows", "training rows", recorded.train.rows, found.train.rows)
    yield from _deep("parameter", "", recorded.parameters, found.parameters, "")
    yield from _deep("parameter", "", recorded.defaults, found.defaults, "")
    yield from _deep("column", "type of", recorded.features, found.features, " ")
    own = [each.versions.get("project_code") for each in (recorded, found)]
    yield from _one("code", "the project's own modules", *own)


def _declarations(record: DecisionRecord, origin: Origin, now: Today) -> Iterator[Difference]:
    model, dataset = f"models.{record.candidate.model}", f"datasets.{record.candidate.dataset}"
    yield from _deep("declaration", model, origin.model, now.model)
    yield from _deep("declaration", dataset, origin.dataset, now.dataset)
    yield from _one("declaration", f"{dataset}.source.kind", origin.source, now.source)


def _environments(record: DecisionRecord, now: Today) -> Iterator[Difference]:
    then, here = record.environment, now.environment
    yield from _one("code", "maestro-ml", record.maestro, now.maestro)
    for name, before, after in _paired(then.distributions, here.distributions):
        if name != "maestro-ml":
            yield from _one("package", name, before, after)
    yield from _one("machine", "Python", then.python, here.python)
    yield from _one("machine", "platform", then.platform, here.platform)
    yield from _one("machine", "processors", then.processors, here.processors)
    yield from _one("machine", "image", then.image, here.image)
    for name, before, after in _paired(then.threads, here.threads):
        yield from _one("machine", f"threads by {name}", before, after)


def _deep(kind: Kind, name: str, recorded: Any, found: Any, separator: str = ".") -> Iterator[Difference]:
    """Compare two values; of mappings and lists, only the parts that differ are named."""
    if isinstance(recorded, Mapping) and isinstance(found, Mapping):
        for key, before, after in _paired(recorded, found):
            yield from _deep(kind, f"{name}{separator}{key}", before, after)
    elif isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        for place, (before, after) in enumerate(zip(recorded, found, strict=True)):
            yield from _deep(kind, f"{name}[{place}]", before, after)
    else:
        yield from _one(kind, name, recorded, found)


def _paired(recorded: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    for name in {**recorded, **found}:
        yield name, recorded.get(name), found.get(name)


def _one(kind: Kind, name: str, recorded: Any, found: Any) -> Iterator[Difference]:
    if recorded != found:
        shown = [_ABSENT if each is None else str(each) for each in (recorded, found)]
        yield Difference(kind=kind, name=name, recorded=shown[0], found=shown[1])


def _short(digest: str | None) -> str | None:
    """Return the beginning of a digest, enough to distinguish two."""
    if digest is None:
        return None
    how, _, value = digest.rpartition(":")
    return f"{how}:{value[:12]}" if how else value[:12]
