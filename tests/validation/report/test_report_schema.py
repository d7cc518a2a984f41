"""docs/report.schema.json is what report.json really looks like."""

import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from maestro_ml.validation.report.model import report_schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(PUBLISHED.read_text(encoding="utf-8"))


def test_the_published_schema_is_up_to_date(schema):
    current = {key: value for key, value in schema.items() if key != "$schema"}
    assert current == report_schema(), "run: maestro schema --report > docs/report.schema.json"


def test_a_report_keeps_to_it_and_a_broken_one_does_not(judge, events, schema):
    before, now = (
        events("2023-12-05", x=[1.0, 2.0, float("inf")], s=["a", "b", None]),
        events(x=[None, 2.0], s=["a", "c"]),
    )
    report = judge(
        pd.concat([before, now]),
        "schema",
        "quality",
        "drift",
        checks=[{"check": "range", "column": "x", "max": 1}],
        reference={"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"},
        drift={},
    )
    document = json.loads(report.model_dump_json())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    validator.check_schema(schema)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert list(validator.iter_errors(document | {"verdict": "perhaps"}))
    assert list(validator.iter_errors({k: v for k, v in document.items() if k != "findings"}))
