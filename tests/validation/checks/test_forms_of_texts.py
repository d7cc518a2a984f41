"""The form of texts: dates in a format, JSON, patterns that must not match."""

import json
from datetime import datetime

import pytest
from generated_tables import QUIET
from hypothesis import example, given
from hypothesis import strategies as st

from maestro_ml.sql.date_formats import check_date_format

FORMATS = ["%Y-%m-%d", "%d.%m.%y", "%m/%d/%Y %H:%M:%S", "%d %B %Y", "%b %d, %Y %I:%M %p", "%Y%m%dT%H%M%S.%f", "%H:%M"]
DATES = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2068, 12, 31))  # noqa: DTZ001
PARTS = st.lists(st.sampled_from("0123456789-./ :TJanMarch"), max_size=12).map("".join)


def is_date(text: str, form: str) -> bool:
    """Return whether strptime reads the text, with all digits of each number."""
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return False
    if "%f" in form:
        return (
            1 <= len(text.rpartition(".")[2]) <= 6
            and text.rpartition(".")[0] == moment.strftime(form).rpartition(".")[0]
        )
    return moment.strftime(form) == text


class TestDateFormat:
    @QUIET
    @given(moment=DATES, form=st.sampled_from(FORMATS))
    def test_what_strftime_writes_is_a_date(self, on_texts, moment, form):
        [found] = on_texts([moment.strftime(form)], {"check": "date_format", "format": form})
        assert not found.violated

    @QUIET
    @given(
        day=st.integers(0, 33),
        month=st.integers(0, 14),
        year=st.sampled_from([1900, 1999, 2000, 2004, 2023, 2024, 2100, 2400]),
        form=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%Y/%d"]),
    )
    @example(day=29, month=2, year=1900, form="%Y-%m-%d")
    @example(day=29, month=2, year=2000, form="%Y-%m-%d")
    @example(day=31, month=4, year=2024, form="%d.%m.%Y")
    def test_the_day_is_one_of_its_month(self, on_texts, day, month, year, form):
        text = form.replace("%Y", f"{year:04}").replace("%m", f"{month:02}").replace("%d", f"{day:02}")
        [found] = on_texts([text], {"check": "date_format", "format": form})
        assert found.violated is not is_date(text, form)

    @QUIET
    @given(text=PARTS, form=st.sampled_from(FORMATS))
    @example(text="29.02.00", form="%d.%m.%y")
    @example(text="29.02.01", form="%d.%m.%y")
    @example(text="2024-1-5", form="%Y-%m-%d")
    @example(text="24:00", form="%H:%M")
    def test_any_text_is_a_date_where_strptime_reads_it(self, on_texts, text, form):
        [found] = on_texts([text], {"check": "date_format", "format": form})
        assert found.violated is not is_date(text, form)

    def test_missing_texts_pass_and_bad_ones_are_shown(self, check, events):
        frame = events(s=["2024-02-28", None, "2024-02-30", "28.02.2024"])
        found = check(frame, check="date_format", column="s", format="%Y-%m-%d")
        assert found.message == "2 of 4 (50.00 %) are no dates in the format %Y-%m-%d"
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["2024-02-30", "28.02.2024"]

    def test_a_zone_is_an_offset_or_z(self, on_texts):
        check = {"check": "date_format", "format": "%Y-%m-%dT%H:%M:%S%z"}
        right = ["2024-01-31T12:00:00Z", "2024-01-31T12:00:00+01:00", "2024-01-31T12:00:00-0330"]
        assert not on_texts(right, check)[0].violated
        assert on_texts(["2024-01-31T12:00:00+1"], check)[0].violated

    @pytest.mark.parametrize(
        ("form", "words"),
        [
            ("", "a format holds directives"),
            ("yyyy-MM-dd", "a format holds directives"),
            ("%Y-%m-%q", "%q is not a known directive"),
            ("%Y-%m-%", "% is not a known directive"),
            ("%d %d", "%d may stand once"),
            ("%Y %y", "%Y and %y may stand once"),
        ],
    )
    def test_a_format_nobody_can_read_is_refused(self, form, words):
        with pytest.raises(ValueError, match=words):
            check_date_format(form)


TEXTS = [
    *('{"a": [1, -2.5e+3, {"b": null}], "c": "\\u00e9\\n"}', " [] ", "0", '""', "true", "[[[[]]]]", '{"a":1,"a":2}'),
    *("", " ", "[1,2,]", "NaN", "-Infinity", "01", "1.", ".5", "+1", "{a:1}", "{'a':1}", "1 2", "[1]x", "nul", "[,]"),
    *(
        '"a',
        '"a\tb"',
        '"\\x"',
        '"\\u12"',
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        "[1 2]",
        "truefalse",
        "\ufeff1",
        "\x01",
        "\x02",
    ),
    *('"NaN,]"', '"in\\"f"', '["\\\\"]', "[" * 16 + "]" * 16, "\x0b1", "1//c", '"\x7f"'),
]


def is_json(text: str) -> bool:
    def refused(_: str) -> None:
        raise ValueError

    try:
        json.loads(text, parse_constant=refused)
    except ValueError:
        return False
    return True


class TestJson:
    @pytest.mark.parametrize("text", TEXTS)
    def test_a_text_is_json_where_python_reads_it(self, on_texts, text):
        [found] = on_texts([text], {"check": "json"})
        assert found.violated is not is_json(text)

    @QUIET
    @given(st.lists(st.sampled_from([*'[]{}:,"\\ ', "1", "-", "e", "true", "a", "\n"]), max_size=9).map("".join))
    def test_whatever_the_text_is(self, on_texts, text):
        [found] = on_texts([text], {"check": "json"})
        assert found.violated is not is_json(text)

    def test_missing_texts_pass_and_bad_ones_are_shown(self, check, events):
        found = check(events(s=["{}", None, "{"]), check="json", column="s")
        assert (found.message, found.numbers["count"]) == ("1 of 3 (33.33 %) are not JSON", 1)
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["{"]

    def test_numbers_are_not_text(self, check, events):
        columns = {"at": {"type": "timestamp"}, "s": {"type": "string"}}
        found = check(events(s=[1, 2]), {"columns": columns}, check="json", column="s")
        assert found.message == "cannot be checked: the column is integer, not text"


class TestNotRegex:
    def test_texts_that_match_are_found(self, check, events):
        found = check(events(s=["a ", "b", None, " "]), check="not_regex", column="s", pattern=".*\\s")
        assert (found.violated, found.message) == (True, "2 of 4 (50.00 %) match .*\\s")
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["a ", " "]

    def test_a_part_that_matches_is_no_match(self, check, events):
        assert not check(events(s=["xay", None]), check="not_regex", column="s", pattern="a").violated
