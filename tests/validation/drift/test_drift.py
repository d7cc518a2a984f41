import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import Window
from maestro_ml.tables.parquet.columns import NotAsStored, StoredColumns

PREVIOUS = {"reference": {"kind": "previous"}, "drift": {}}


@pytest.fixture
def months(events):
    """Provide a frame with December's values and January's, an hour apart each."""

    def build(december: list, january: list, **columns: object) -> pd.DataFrame:
        return pd.concat([events(start="2023-12-02", x=december), events(x=january)]).assign(**columns)

    return build


@pytest.fixture
def drift(judge):
    return lambda frame, **dataset: judge(frame, "drift", **PREVIOUS | dataset)


NORMAL = np.random.default_rng(7).normal(size=400)


def test_the_same_distribution_passes_and_a_shifted_one_warns(drift, months, pick):
    same = pick(drift(months(NORMAL[:200], NORMAL[200:])), "kolmogorov_smirnov", "x")
    shifted = drift(months(NORMAL[:200], NORMAL[200:] + 1))
    assert not same.violated
    assert shifted.verdict == "warn"
    assert pick(shifted, "kolmogorov_smirnov", "x").numbers["p_value"] < 1e-6


def test_drift_may_be_an_error(drift, months):
    assert drift(months(NORMAL[:200], NORMAL[200:] + 1), drift={"severity": "error"}).verdict == "fail"


def test_p_at_the_limit_is_no_drift(drift, months, pick):
    frame = months([1, 2, 3, 4], [3, 4, 5, 6])
    p_value = pick(drift(frame), "kolmogorov_smirnov", "x").numbers["p_value"]
    at, above = (drift(frame, drift={"p_value": limit}) for limit in (p_value, math.nextafter(p_value, 1)))
    assert not pick(at, "kolmogorov_smirnov", "x").violated
    assert pick(above, "kolmogorov_smirnov", "x").violated


def test_missing_values_are_dropped_and_counted(drift, months, pick):
    numbers = pick(drift(months([1.0, None, 2.0], [None, 1.0, 2.0, None])), "kolmogorov_smirnov", "x").numbers
    assert (numbers["statistic"], numbers["p_value"]) == (0, 1)
    assert (numbers["reference_values"], numbers["reference_missing"]) == (2, 1)
    assert (numbers["values"], numbers["missing"]) == (2, 2)


@pytest.mark.parametrize(
    ("december", "january", "where"),
    [([], [1.0], "reference"), ([1.0], [], "window"), ([None], [1.0], "reference"), ([1.0], [None], "window")],
)
def test_an_empty_side_is_a_finding(drift, months, pick, december, january, where):
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
    found = pick(drift(months(december, january), columns=columns), "kolmogorov_smirnov", "x")
    assert found.violated
    assert f"cannot be compared: no value in the {where} (2" in found.message


def test_every_numeric_column_but_the_keys_unless_some_are_named(drift, months):
    frame = months(NORMAL[:200], NORMAL[200:], id=1, n=2, text="a", flag=True)
    assert [f.column for f in drift(frame, keys=["id"]).findings] == ["x", "n"]
    assert [f.column for f in drift(frame, drift={"columns": ["n"]}).findings] == ["n"]


def test_a_column_that_is_missing_or_text_says_so_and_the_others_are_tested(drift, months, pick):
    columns = {name: {"type": "number"} for name in ("x", "gone", "text")} | {"at": {"type": "timestamp"}}
    report = drift(months(NORMAL[:200], NORMAL[200:], text="a"), columns=columns)
    assert pick(report, "kolmogorov_smirnov", "gone").message == "cannot be checked: the column is missing"
    assert pick(report, "kolmogorov_smirnov", "text").message == "cannot be checked: the column is string, not numeric"
    assert [f.column for f in report.drift_tests] == ["x"]


def test_a_dataset_that_declares_no_drift_has_no_such_stage(judge, months):
    assert judge(months(NORMAL[:200], NORMAL[200:]), "schema", "drift").stages == ("schema",)


LETTERS = {"even": list("ab") * 100, "uneven": list("aaab") * 50, "rare": [f"r{i}" for i in range(200)]}
CATEGORIES = {"tests": {"categorical": "chi_square"}}


@pytest.fixture
def letters(events):
    """Provide a frame with December's letters and January's."""

    def build(december: str, january: str) -> pd.DataFrame:
        return pd.concat([events(start="2023-12-02", t=LETTERS[december]), events(t=LETTERS[january])])

    return build


@pytest.mark.parametrize("categorical", ["chi_square", "psi"])
def test_categories_in_other_proportions_are_drift(drift, letters, pick, categorical):
    spec = {"tests": {"categorical": categorical}, **({"max_psi": 0.1} if categorical == "psi" else {})}
    assert not pick(drift(letters("even", "even"), drift=spec), categorical, "t").violated
    found = pick(drift(letters("even", "uneven"), drift=spec), categorical, "t")
    assert found.violated
    assert found.numbers["values"] == 200


def test_text_takes_no_part_unless_a_test_for_it_is_named(drift, letters):
    found = drift(letters("even", "uneven").assign(n=range(400))).findings
    assert [f.column for f in found] == ["n"]


def test_categories_too_rare_to_count_are_one(drift, letters, pick):
    found = pick(drift(letters("rare", "rare"), drift=CATEGORIES), "chi_square", "t")
    assert (found.numbers["categories"], found.numbers["p_value"]) == (1, 1)
    mixed = pick(drift(letters("even", "rare"), drift=CATEGORIES), "chi_square", "t")
    assert (mixed.numbers["categories"], mixed.violated) == (3, True)


def test_booleans_are_categories_and_missing_ones_are_left_out(drift, events, pick):
    columns = {"at": {"type": "timestamp"}, "b": {"type": "boolean"}}
    frame = pd.concat(
        [events(start="2023-12-02", b=[True, False, None] * 40), events(b=[True, True, None] * 40)],
    ).astype({"b": "boolean"})
    found = pick(drift(frame, columns=columns, drift=CATEGORIES), "chi_square", "b")
    assert found.violated
    assert (found.numbers["missing"], found.numbers["reference_missing"]) == (40, 40)


@pytest.mark.parametrize(("test", "limit"), [("psi", "max_psi"), ("wasserstein", "max_wasserstein")])
def test_numbers_by_the_size_of_the_difference(drift, months, pick, test, limit):
    frame = months(NORMAL[:200], NORMAL[:200] + 0.5)
    found = pick(drift(frame, drift={"tests": {"numeric": test}}), test, "x")
    assert found.violated
    statistic = found.numbers["statistic"]
    at, below = (
        pick(drift(frame, drift={"tests": {"numeric": test}, limit: value}), test, "x").violated
        for value in (statistic, math.nextafter(statistic, 0))
    )
    assert (at, below) == (False, True)


@pytest.fixture
def many(events):
    """Provide twenty columns without drift, of which two are under the limit by chance."""
    random = np.random.default_rng(6)

    def build() -> pd.DataFrame:
        starts = ("2023-12-02", "2024-01-01")
        return pd.concat([events(start=s, **{f"c{i}": random.normal(size=300) for i in range(20)}) for s in starts])

    return build


def test_a_correction_takes_back_what_chance_does_with_many_columns(drift, many):
    frame = many()
    alone = drift(frame)
    assert alone.violated, "the seed must give a false alarm, or this test says nothing"
    for correction in ("holm", "benjamini-hochberg"):
        report = drift(frame, drift={"correction": correction})
        assert not report.violated
        for found, before in zip(report.findings, alone.findings, strict=True):
            assert found.numbers["p_value"] == before.numbers["p_value"]
            assert found.numbers["p_holm"] >= found.numbers["p_benjamini_hochberg"] >= found.numbers["p_value"]
            assert "for 20 tests" in found.message


def test_a_difference_below_the_minimal_effect_is_no_drift(drift, months, pick):
    frame = months(NORMAL[:200], NORMAL[200:] + 0.3)
    effect = pick(drift(frame), "kolmogorov_smirnov", "x").numbers["effect"]
    at, above = (drift(frame, drift={"min_effect": limit}) for limit in (effect, math.nextafter(effect, 1)))
    assert at.violated
    assert not above.violated
    assert "the smallest effect that counts" in above.findings[0].message


def test_labels_and_predictions_have_findings_of_their_own(drift, months, pick):
    frame = months(NORMAL[:200], NORMAL[200:], label=["no", "yes"] * 200, score=1.0)
    frame.loc[frame["at"] >= "2024-01-01", ["label", "score"]] = ["yes", 2.0]
    report = drift(frame, drift={"labels": ["label"], "predictions": ["score"]})
    assert [(f.check, f.column, f.violated) for f in report.findings] == [
        ("kolmogorov_smirnov", "x", False),
        ("label_drift", "label", True),
        ("prediction_drift", "score", True),
    ]
    assert pick(report, "label_drift").numbers["test"] == "chi_square"


def test_a_season_earlier(drift, events, pick):
    frame = events(start="2023-12-25", x=[float(hour % 24) for hour in range(24 * 30)])
    season = {"kind": "season", "period": "14d"}
    window = {"window": Window(datetime(2024, 1, 15, tzinfo=UTC), datetime(2024, 1, 22, tzinfo=UTC))}
    report = drift(frame, reference=season, **window)
    assert report.reference == Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 8, tzinfo=UTC))
    assert pick(report, "kolmogorov_smirnov", "x").numbers["statistic"] == 0


def test_one_row_a_side_says_nothing_and_is_no_pass(drift, events, pick):
    whole, tiny = 2**63 - 1, -(2**63)
    frame = pd.concat([events(start="2023-12-02", n=[whole]), events(n=[tiny])])
    found = pick(drift(frame), "kolmogorov_smirnov", "n")
    assert found.violated
    assert "1 value against 1: too few" in found.message
    assert "the smallest possible p is 1 (limit 0.05)" in found.message


def test_few_values_that_are_the_same_pass(drift, months, pick):
    assert not pick(drift(months([1.0, 2.0], [1.0, 2.0])), "kolmogorov_smirnov", "x").violated


def test_what_cannot_be_judged_takes_no_part_in_the_correction(drift, months, pick):
    frame = months([1.0, None, None, *[None] * 37], [2.0, *[None] * 39], y=list(NORMAL[:40]) + list(NORMAL[:40] + 5))
    report = drift(frame, drift={"correction": "holm"})
    assert pick(report, "kolmogorov_smirnov", "x").message.startswith("cannot be compared")
    assert pick(report, "kolmogorov_smirnov", "y").numbers["tests"] == 1


def test_neighbouring_64_bit_integers_are_not_the_same(drift, events, pick):
    frame = pd.concat([events(start="2023-12-02", n=[2**62] * 50), events(n=[2**62 + 1] * 50)])
    assert pick(drift(frame), "kolmogorov_smirnov", "n").numbers["statistic"] == 1


def test_decimals_are_numbers(drift, events, pick):
    december, january = ([Decimal(f"{i % 7}.{i % 10}") for i in range(n)] for n in (100, 100))
    frame = pd.concat([events(start="2023-12-02", d=december), events(d=january)])
    columns = {"at": {"type": "timestamp"}, "d": {"type": "number"}}
    assert pick(drift(frame, columns=columns), "kolmogorov_smirnov", "d").numbers["statistic"] == 0


def test_the_numbers_are_the_same_straight_from_the_files_and_from_the_database(
    judge, months, monkeypatch, tmp_path, pick
):
    frame = months([None, *NORMAL[:199]], [None, *NORMAL[200:]])
    frame.to_parquet(tmp_path / "events.parquet", index=False, row_group_size=len(NORMAL) // 2)
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
    read: list[Sequence[str]] = []

    def spy(stored: StoredColumns, names: Sequence[str]) -> Iterator[list[Any]]:
        read.append(names)
        return batches(stored, names)

    def refuse(*_: object) -> Iterator[list[Any]]:
        raise NotAsStored

    found, batches = [], StoredColumns.batches
    for reader in (spy, refuse):
        monkeypatch.setattr(StoredColumns, "batches", reader)
        found.append(pick(judge(None, "drift", columns=columns, **PREVIOUS), "kolmogorov_smirnov", "x"))
    assert read == [["x"]]
    assert found[0] == found[1]
