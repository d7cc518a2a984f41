"""Which values a column has, and how many, against pandas."""

import numpy as np
import pandas as pd
import pytest
from generated_tables import QUIET
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "it's", ""]) | st.none(), max_size=8)


class TestDistinct:
    @pytest.mark.parametrize(
        ("values", "bounds", "violated"),
        [
            (["a", "b", "b", None], {"min": 2, "max": 2}, False),
            (["a", "b", "b", None], {"min": 3}, True),
            (["a", "b", "b", None], {"max": 1}, True),
            (["a", "b", "b", None], {"min_share": 0.66, "max_share": 0.67}, False),
            (["a", "b", "b", None], {"min_share": 0.67}, True),
            (["a", "b", "b", None], {"max_share": 0.66}, True),
            (["a", "b"], {"min_share": 1}, False),
            ([0.0, -0.0, np.nan, np.nan, None], {"max": 1}, False),
            ([None, None], {"max": 0}, False),
            ([None, None], {"min": 1}, True),
            ([], {"min_share": 0.1}, True),
        ],
    )
    def test_different_values_are_counted_and_missing_ones_are_none(self, check, events, values, bounds, violated):
        kind = "float64" if any(isinstance(value, float) for value in values) else object
        series = pd.Series(values, dtype=kind)
        found = check(
            events(s=series),
            {"columns": {"at": {"type": "timestamp"}, "s": {"type": "number" if kind == "float64" else "string"}}},
            check="distinct",
            column="s",
            **bounds,
        )
        assert (found.violated, found.numbers["distinct"]) == (violated, series.nunique())
        assert found.numbers["values"] == series.count()

    def test_the_finding_says_what_a_share_is_a_share_of(self, check, events):
        found = check(events(s=["a", "b", "b", None]), check="distinct", column="s", min=2, max_share=0.5)
        assert found.message == "2 different values in 3 (66.67 %); at least 2, at most 50 % of the values"

    def test_where_narrows_the_rows(self, check, events):
        frame = events(s=["a", "b", "c"], n=[1, 1, 2])
        assert not check(frame, check="distinct", column="s", max=2, where="n = 1").violated


class TestValueSet:
    @pytest.mark.parametrize(
        ("bounds", "violated", "message"),
        [
            ({"contains": ["a"]}, False, "the value occurs"),
            ({"contains": ["a", "x", "a"]}, True, "'x' does not occur"),
            ({"equals": ["b", "a"]}, False, "all 2 values occur, and no other"),
            ({"equals": ["a"]}, True, "1 of 4 (25.00 %) have another value"),
            ({"equals": ["a", "x", "b"]}, True, "'x' does not occur"),
            ({"equals": ["x"]}, True, "'x' does not occur; 3 of 4 (75.00 %) have another value"),
        ],
    )
    def test_each_listed_value_occurs(self, check, events, bounds, violated, message):
        found = check(events(s=["a", "b", "a", None]), check="value_set", column="s", **bounds)
        assert (found.violated, found.message) == (violated, message)

    def test_rows_with_another_value_are_shown(self, check, events):
        found = check(events(s=["a", "b", "a", None]), check="value_set", column="s", equals=["a", "x"])
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["b"]

    @QUIET
    @given(values=TEXTS, listed=st.lists(st.sampled_from(["a", "b", "c", "it's", ""]), min_size=1, max_size=4))
    def test_sets_are_compared_as_by_python(self, on_texts, values, listed):
        there = {value for value in values if value is not None}
        found = on_texts(values, {"check": "value_set", "contains": listed}, {"check": "value_set", "equals": listed})
        assert [finding.violated for finding in found] == [not set(listed) <= there, set(listed) != there]

    def test_of_many_values_only_the_number_of_those_that_are_not_there_is_given(self, check, events):
        found = check(events(s=["v1"]), check="value_set", column="s", contains=[f"v{i}" for i in range(80)])
        assert found.message == "79 of the 80 values do not occur"

    def test_numbers_and_booleans_are_values_too(self, check, events):
        assert not check(events(n=[1, 2]), check="value_set", column="n", equals=[1, 2]).violated
        assert check(events(n=[1.5, 2]), check="value_set", column="n", equals=[1, 2]).violated
        assert not check(events(b=[True, False]), check="value_set", column="b", equals=[True, False]).violated

    def test_a_value_the_type_cannot_hold_occurs_nowhere(self, check, events):
        found = check(events(n=[1, 2]), check="value_set", column="n", contains=[1, 2**70])
        assert (found.violated, found.message) == (True, f"{2**70} does not occur")

    def test_where_narrows_the_rows(self, check, events):
        frame = events(s=["a", "b"], n=[1, 2])
        assert not check(frame, check="value_set", column="s", equals=["a"], where="n = 1").violated


class TestForbidden:
    def test_no_value_is_one_of_the_list(self, check, events):
        found = check(events(s=["a", "N/A", None, "b"]), check="forbidden", column="s", values=["N/A", "-"])
        assert (found.violated, found.numbers["count"]) == (True, 1)
        assert found.message == "1 of 4 (25.00 %) have a forbidden value: 'N/A', '-'"
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["N/A"]

    def test_other_values_pass_and_so_do_missing_ones(self, check, events):
        assert not check(events(x=[1.0, None, np.nan]), check="forbidden", column="x", values=[-999, 1.5]).violated
        assert not check(events(s=["a"]).iloc[:0], check="forbidden", column="s", values=["a"]).violated

    def test_a_tolerance_applies(self, check, events):
        frame = events(x=[-1, 2, 3, 4])
        assert not check(frame, check="forbidden", column="x", values=[-1], max_share=0.25).violated
        assert check(frame, check="forbidden", column="x", values=[-1], max_share=0.24).violated


class TestMostCommon:
    @pytest.mark.parametrize(
        ("values", "listed", "violated"),
        [
            (["a", "a", "b"], ["a"], False),
            (["a", "b", "b"], ["a"], True),
            (["a", "a", "b", "b"], ["b"], False),
            (["a", "b", "c", "c", "d"], ["c", "x"], False),
            (["a", "b", "c", "c", "d"], ["a", "d"], True),
            (["a", None, None, None], ["a"], False),
            ([None, None], ["a"], True),
            ([], ["a"], True),
        ],
    )
    def test_the_most_common_value_is_listed(self, check, events, values, listed, violated):
        frame = events(s=pd.Series(values, dtype=object))
        given = {"columns": {"at": {"type": "timestamp"}, "s": {"type": "string"}}}
        assert check(frame, given, check="most_common", column="s", values=listed).violated is violated

    @QUIET
    @given(values=TEXTS, listed=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2))
    def test_it_is_that_of_pandas(self, on_texts, values, listed):
        [found] = on_texts(values, {"check": "most_common", "values": listed})
        modes = pd.Series(values, dtype=object).mode()
        assert found.violated is not bool(set(modes) & set(listed))

    def test_the_finding_names_it(self, check, events):
        frame = events(s=["a", "b", "b", "c", "d"])
        found = check(frame, check="most_common", column="s", values=["a"])
        assert found.message == "the most common value is 'b', with 2 of 5 (40.00 %) values; not among 'a'"
        found = check(frame, check="most_common", column="s", values=["a", "b"])
        assert found.message == "the most common value is 'b', with 2 of 5 (40.00 %) values; among 'a', 'b'"

    def test_a_personal_value_is_not_named(self, check, events):
        columns = {"at": {"type": "timestamp"}, "s": {"type": "string", "pii": True}}
        found = check(
            events(s=["x", "secret", "secret"]), {"columns": columns}, check="most_common", column="s", values=["x"]
        )
        assert found.violated
        assert "secret" not in found.message

    def test_numbers_have_a_most_common_value_too(self, check, events):
        assert not check(events(n=[1, 2, 2]), check="most_common", column="n", values=[2.0, 7]).violated


class TestValuesThatStandForMissing:
    def test_they_are_counted_with_the_missing_ones(self, check, events):
        found = check(events(s=["a", "N/A", None, "-"]), check="missing", column="s", values=["N/A", "-"])
        assert (found.violated, found.numbers["count"]) == (True, 3)
        assert found.message == "3 of 4 (75.00 %) missing, or 'N/A', '-'"
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["N/A", None, "-"]

    def test_numbers_can_stand_for_missing(self, check, events):
        found = check(events(x=[1.0, -1.0, np.nan]), check="missing", column="x", values=[-1], max_share=0.67)
        assert (found.violated, found.numbers["count"]) == (False, 2)
        assert not check(events(x=[1.0, 2.0]), check="missing", column="x", values=[-1]).violated
