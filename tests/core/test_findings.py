import pytest

from maestro_ml.core.findings import finding, verdict_of
from maestro_ml.core.wording import share


def outcome(severity: str, violated: bool):
    return finding("quality", "rows", severity, "message", violated=violated)


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], "pass"),
        ([("error", False), ("warn", False)], "pass"),
        ([("error", False), ("warn", True)], "warn"),
        ([("error", True), ("warn", False)], "fail"),
        ([("warn", True), ("error", True)], "fail"),
    ],
)
def test_an_error_fails_and_a_warning_warns(findings, verdict):
    assert verdict_of(outcome(*f) for f in findings) == verdict


def test_a_finding_names_its_column_once():
    assert str(finding("drift", "x", "warn", "differs", violated=True, column="a")) == "a: differs"
    assert str(finding("drift", "x", "warn", "differs", violated=True)) == "differs"


@pytest.mark.parametrize(
    ("part", "whole", "message"),
    [
        (0, 0, "0 of 0"),
        (0, 1_000, "0 of 1,000"),
        (8_255, 336_776, "8,255 of 336,776 (2.45 %)"),
        (1, 10_000_000, "1 of 10,000,000 (under 0.01 %)"),
        (3, 3, "3 of 3 (100.00 %)"),
    ],
)
def test_shares_as_people_read_them(part, whole, message):
    assert share(part, whole) == message
