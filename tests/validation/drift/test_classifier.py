import numpy as np
import pandas as pd
import pytest

RANDOM = np.random.default_rng(5)
SPEC = {"reference": {"kind": "previous"}, "drift": {"classifier": {"sample": 300, "seed": 1}, "min_effect": 0.5}}


@pytest.fixture
def months(events):
    """Provide two columns that look the same alone in both months; together they give January away where `related`."""

    def build(*, related: bool, rows: int = 400) -> pd.DataFrame:
        december, january = RANDOM.normal(size=(2, rows, 3))
        if related:
            january[:, 1] = january[:, 0]
        parts = (("2023-12-01", december), ("2024-01-01", january))
        return pd.concat([events(start=start, x=v[:, 0], y=v[:, 1], z=v[:, 2]) for start, v in parts])

    return build


def test_what_no_column_shows_alone(judge, months, pick):
    report = judge(months(related=True), "drift", **SPEC)
    assert [f.check for f in report.violated] == ["domain_classifier"]
    found = pick(report, "domain_classifier")
    assert found.numbers["statistic"] > 0.7
    assert set(found.numbers["leading"].split(", ")) >= {"x", "y"}
    assert found.numbers["rows_of_each"] == 300


def test_two_samples_of_one_distribution_cannot_be_distinguished(judge, months, pick):
    found = pick(judge(months(related=False), "drift", **SPEC), "domain_classifier")
    assert not found.violated
    assert 0.4 < found.numbers["statistic"] < 0.6


def test_the_same_seed_gives_the_same_number(judge, months):
    frame = months(related=True)
    assert judge(frame, "drift", **SPEC).findings == judge(frame, "drift", **SPEC).findings


def test_too_few_rows_are_a_finding(judge, months, pick):
    found = pick(judge(months(related=True, rows=19), "drift", **SPEC), "domain_classifier")
    assert found.violated
    assert found.message == "cannot be judged: needs at least 20 rows on both sides"


def test_only_numbers_that_are_features_are_compared_together(judge, months, pick):
    """The label has moved far, and the text too: neither gives January away."""
    frame = months(related=False)
    later = frame["at"] >= "2024-01-01"
    frame["label"], frame["month"] = later * 100.0, later.map({True: "January", False: "December"})
    drift = {**SPEC["drift"], "labels": ["label"], "tests": {"categorical": "chi_square"}}
    report = judge(frame, "drift", **{**SPEC, "drift": drift})
    assert not pick(report, "domain_classifier").violated
    assert {f.check for f in report.violated} == {"label_drift", "chi_square"}
