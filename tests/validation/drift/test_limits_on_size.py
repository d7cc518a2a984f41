"""A limit on D or on Cramér's V, in place of the p-value."""

import numpy as np
import pytest

REFERENCE = {"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"}


@pytest.fixture
def found(judge, events, pick):
    """Provide `found(check, drift)`: the finding on a column that moved by a quarter; 600 rows a side."""
    import pandas as pd

    def run(check, **drift):
        values = np.arange(600) % 40
        before = events("2023-12-01", x=values, s=np.where(values < 20, "a", "b"))
        after = events("2024-01-01", x=values + 10, s=np.where(values < 30, "a", "b"))
        frame = pd.concat([before, after])
        return pick(judge(frame, "drift", reference=REFERENCE, drift=drift), check)

    return run


@pytest.mark.parametrize(("limit", "violated"), [(0.24, True), (0.25, False), (0.9, False)])
def test_d_is_held_against_its_limit(found, limit, violated):
    finding = found("kolmogorov_smirnov", columns=["x"], limits={"ks": limit})
    assert (finding.violated, finding.numbers["statistic"], finding.numbers["limit"]) == (violated, 0.25, limit)
    assert f"D = 0.2500 (at most {limit})" in finding.message
    assert "p = " not in finding.message


@pytest.mark.parametrize(("limit", "violated"), [(0.25, True), (0.3, False)])
def test_cramers_v_is_held_against_its_limit(found, limit, violated):
    tests = {"categorical": "chi_square"}
    finding = found("chi_square", columns=["s"], tests=tests, limits={"chi_square": limit})
    assert finding.violated is violated
    assert finding.numbers["statistic"] == pytest.approx(0.2582, abs=1e-4)
    assert f"Cramér's V = 0.2582 (at most {limit})" in finding.message


def test_without_a_limit_p_decides(found):
    finding = found("kolmogorov_smirnov", columns=["x"])
    assert finding.violated
    assert "p = " in finding.message


@pytest.mark.parametrize(
    ("drift", "words"),
    [
        ({"tests": {"numeric": "wasserstein"}, "correction": "holm"}, "correction is about p-values"),
        ({"limits": {"ks": 0.1}, "min_effect": 0.1}, "min_effect is about p-values"),
        ({"tests": {"numeric": "psi"}, "correction": "holm"}, "and the size decides for psi"),
        ({"max_psi": 0.3}, "no column is tested by psi; `tests` names ks"),
        ({"max_wasserstein": 0.3, "tests": {"numeric": "psi"}}, "no column is tested by wasserstein"),
    ],
)
def test_a_setting_no_test_heeds_is_refused(found, drift, words):
    with pytest.raises(Exception, match=words):
        found("kolmogorov_smirnov", **drift)


def test_a_setting_that_one_of_the_tests_heeds_is_none(found):
    found("wasserstein", tests={"numeric": "wasserstein", "categorical": "chi_square"}, correction="holm")
    found("psi", columns=["x"], tests={"numeric": "psi"}, max_psi=0.3, correction="none")
