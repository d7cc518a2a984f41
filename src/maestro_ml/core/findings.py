"""Findings: one check's outcome with its result, and the verdict they add up to."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from maestro_ml.core.node import Severity
from maestro_ml.core.results import NOTHING, Number, Result, result_of

Stage = Literal["schema", "quality", "drift", "anomalies"]
Verdict = Literal["pass", "warn", "fail"]


def _numbers(result: Result) -> dict[str, Number]:
    return result.fields()


def _result(value: Any) -> Result:
    return value if isinstance(value, Result) else result_of(value)


_ANY = {"anyOf": [{"type": name} for name in ("integer", "number", "string", "null")]}
_Result = Annotated[
    Result,
    PlainValidator(_result),
    PlainSerializer(_numbers, return_type=dict[str, Number]),
    WithJsonSchema({"additionalProperties": _ANY, "type": "object"}),
]


class ShownRows(BaseModel):
    """Some rows a finding is about, as text: `rows` are as wide as `columns`, None is null, `•••` a hidden value.

    At most five rows (ten for anomalies), so that a finding stays small.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


class Finding(BaseModel):
    """One check's outcome. A check that passed is a finding too, so that a report shows what was looked at.

    `numbers` holds what was measured and the limits it was held against; `message` says both for a person, without
    naming the column again. An infinite number is the text "Infinity" or "-Infinity" in JSON, which has none.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_inf_nan="strings",
        defer_build=True,
        serialize_by_alias=True,
    )

    stage: Stage
    check: str
    column: str | None = None
    outcome: Literal["ok", "violated"]
    severity: Severity
    message: str
    result: _Result = Field(NOTHING, alias="numbers", title="Numbers")
    sample: ShownRows | None = None

    def __str__(self) -> str:
        return f"{self.column}: {self.message}" if self.column else self.message

    @property
    def violated(self) -> bool:
        return self.outcome == "violated"

    @property
    def numbers(self) -> dict[str, Number]:
        """The result as report.json has it."""
        return self.result.fields()

    def with_sample(self, sample: ShownRows | None) -> "Finding":
        """Return the same finding, with some of its rows."""
        return self.model_copy(update={"sample": sample})


def finding(
    stage: Stage,
    check: str,
    severity: Severity,
    message: str,
    *,
    violated: bool,
    column: str | None = None,
    result: Result = NOTHING,
) -> Finding:
    """Return a finding, from whether it is violated."""
    return Finding(
        stage=stage,
        check=check,
        column=column,
        outcome="violated" if violated else "ok",
        severity=severity,
        message=message,
        numbers=result,
    )


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return `fail` if an error is violated, `warn` if only warnings are, else `pass`."""
    violated = {f.severity for f in findings if f.violated}
    return "fail" if "error" in violated else "warn" if violated else "pass"
