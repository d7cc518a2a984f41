"""report.json keeps its keys, their order and its numbers; what is read back is what was written."""

import math
from pathlib import Path

import pytest
from full_report import full_report

from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import AgainstHistory, Bounded, Count, PValue, Rate, Result, Statistic
from maestro_ml.validation import Report

GOLDEN = Path(__file__).parent / "full_report.json"


def text(report: Report) -> str:
    return report.model_copy(update={"version": "x", "profiles": (), "created": report.window.end}).model_dump_json(
        indent=1
    )


def test_a_report_with_every_kind_of_finding_is_the_one_on_record(tmp_path):
    """Where a change is meant: `python tests/validation/report/test_report_json.py` writes it anew."""
    assert text(full_report(tmp_path)) + "\n" == GOLDEN.read_text()


@pytest.mark.parametrize("tests", [("ks", "chi_square"), ("psi", "psi"), ("wasserstein", "none")])
def test_what_is_read_back_is_what_was_written(tmp_path, tests):
    report = full_report(tmp_path, *tests)
    again = Report.model_validate_json(report.model_dump_json())
    assert again.model_dump_json() == report.model_dump_json()
    assert [test.column for test in again.drift_tests] == [test.column for test in report.drift_tests]
    assert again.anomaly_rate == report.anomaly_rate is not None


RESULTS = [
    Result(),
    Result(details={"found": "BIGINT"}),
    Count(3, 10, details={"max_share": 0.0}),
    Count(3, 10),
    Count(3, 10, names=("nulls", "rows")),
    Statistic(0.3, limit=0.2),
    Statistic(0.3, p=PValue(0.01, 0.05, 0.03, 0.02, "holm", 3, None, 0.1)),
    Rate(3, 0.3, 0.2, 0.4, 0.1),
    Bounded(5, None, 9, names=("rows", "min", "max")),
    Statistic(0.3, limit=0.2, details={"bins": 10}),
    Statistic(0.3, p=PValue(0.01, 0.05, 0.03, 0.02, "holm", 3, 0.3, None), details={"values": 7}),
    Rate(3, 0.3, 0.2, 0.4, 0.1, details={"rows": 10}),
    AgainstHistory(Count(3, 10), 30, 0.1, 0.4, 0.2),
    AgainstHistory(Count(3, 10), 2),
    AgainstHistory(Result(details={"rows": 4}), 9, 0.0, 9.0, 4.0),
]


@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_each_result_survives_its_json(result):
    found = finding("quality", "x", "error", "message", violated=True, result=result)
    again = Finding.model_validate_json(found.model_dump_json())
    assert again == found
    assert type(again.result) is type(result)
    assert list(again.numbers) == list(found.numbers)


def test_numbers_have_the_names_of_the_check():
    assert Count(1, 2, names=("nulls", "rows")).fields() == {"nulls": 1, "rows": 2}
    assert Bounded(5, None, 9, names=("rows", "min", "max")).fields() == {"rows": 5, "min": None, "max": 9}


def test_an_infinite_number_is_text_in_json():
    found = finding("quality", "x", "error", "message", violated=True, result=Result(details={"high": math.inf}))
    assert '"high":"Infinity"' in found.model_dump_json()


def test_shares_and_sizes():
    assert Count(1, 4).share == 0.25
    assert Count(0, 0).share is None
    assert AgainstHistory(Count(1, 4), 3).share == 0.25
    assert AgainstHistory(Result(details={"rows": 4}), 3).share is None
    assert Statistic(3.0, limit=1.0).size == 3.0
    assert Statistic(3.0, p=PValue(0.1, 0.05, 0.1, 0.1, "none", 1, 0.4, None)).size == 0.4


if __name__ == "__main__":
    import tempfile

    GOLDEN.write_text(text(full_report(tempfile.mkdtemp())) + "\n")
