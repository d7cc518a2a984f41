"""Which engine runs the checks of a dataset, and what the engines beside DuckDB cannot promise to do alike."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import field_validator

from maestro_ml.checks.base import BaseCheck
from maestro_ml.core.node import Mistake, Node, OptionalText
from maestro_ml.drift_methods.registry import known_methods
from maestro_ml.project.sources import ParquetSource, SqlSource
from maestro_ml.sql.portable_predicates import check_portable
from maestro_ml.sql.portable_regex import translated

if TYPE_CHECKING:
    from maestro_ml.project.datasets import Dataset

_SOURCE = (("source", "kind"),)
EngineName = Literal["duckdb", "spark", "postgres"]


class Spark(Node):
    """Where datasets with `engine: spark` are looked at: a Spark Connect URL (sc://host:15002), or a local session.

    Attributes:
        remote: the URL; none for a session in this process, `master` wide.
    """

    remote: OptionalText = None
    master: str = "local[2]"

    @field_validator("remote")
    @classmethod
    def _is_connect(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("sc://"):
            raise ValueError("a Spark Connect URL is written like sc://host:15002")
        return value


def obstacles(dataset: "Dataset") -> Iterator[Mistake]:
    """What keeps a dataset from the engine it names, each in a sentence."""
    engine = dataset.engine
    if engine == "duckdb":
        return
    if engine == "spark" and not isinstance(dataset.source, ParquetSource):
        yield Mistake(("engine",), f"engine: spark reads Parquet, and the source is {dataset.source.kind}", _SOURCE)
    if engine == "postgres" and not _in_postgres(dataset.source):
        message = (
            "engine: postgres needs a source of kind sql whose url starts with postgresql, "
            f"and this one is {dataset.source.kind}"
        )
        yield Mistake(("engine",), message, _SOURCE)
    for index, check in enumerate(dataset.checks):
        if isinstance(check, BaseCheck):
            for field, reason in _unportable(check):
                yield Mistake(("checks", index, field), f"engine: {engine}: {reason}", (("engine",),))
    if dataset.drift:
        tests = dataset.drift.tests
        if not tests.method("numeric").runs_on(engine, "numeric"):
            everywhere = [name for name, method in known_methods().items() if method.runs_on(engine, "numeric")]
            message = (
                f"engine: {engine}: numeric drift by {tests.numeric} needs engine: duckdb; "
                f"{' and '.join(everywhere)} runs on every engine"
            )
            yield Mistake(("drift", "tests", "numeric"), message, (("engine",),))


def apart(dataset: "Dataset", other: "Dataset") -> str | None:
    """Why one engine cannot see both datasets in one query; None if it can."""
    if dataset.engine != other.engine:
        return f"is looked at by engine: {other.engine}, and this one by engine: {dataset.engine}; give both the same"
    sources = (dataset.source, other.source)
    urls = {source.url.get_secret_value() for source in sources if isinstance(source, SqlSource)}
    if dataset.engine == "postgres" and len(urls) > 1:
        return "is in another database, and engine: postgres sees one at a time; give both the same url"
    return None


def _in_postgres(source: object) -> bool:
    return isinstance(source, SqlSource) and source.url.get_secret_value().startswith("postgresql")


def _unportable(check: BaseCheck) -> Iterator[tuple[str, str]]:
    """The fields that other engines would not understand alike, with the reasons."""
    for field in ("where", "sql", "pattern"):
        text = getattr(check, field, None)
        if not text:
            continue
        try:
            if field == "pattern":
                translated(text, "java")
            else:
                check_portable(text)
        except ValueError as error:
            yield field, str(error)
