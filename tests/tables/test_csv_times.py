"""Dates and times in CSV: as in ISO 8601, as the project says, or by the one common reading that fits every value."""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial

import pytest

from maestro_ml.project import RequestError

naive = partial(datetime, tzinfo=None)
BERLIN = {"timezone": "Europe/Berlin"}


@pytest.fixture
def seconds_and_nanoseconds(tmp_path, dataset_project):
    """Provide the DuckDB type and the values of a column as text, with every digit."""
    from maestro_ml.tables import open_dataset

    def read(*values: str, **dataset: object):
        (tmp_path / "events.csv").write_text("at\n" + "".join(f"{value}\n" for value in values))
        given = {"timestamp": "at", "columns": {"at": {"type": "timestamp"}}} | dataset
        with open_dataset(dataset_project(source={"kind": "csv", "path": "events.csv"}, **given), "events") as opened:
            return opened.types["at"], [row[0] for row in opened.relation.project('"at"::VARCHAR').fetchall()]

    return read


class TestIso:
    @pytest.mark.parametrize("text", ["2024-02-29", " 2024-02-29 "])
    def test_dates(self, column, text):
        assert column("date", text, "") == ("DATE", [date(2024, 2, 29), None])
        assert column("timestamp", text) == ("DATE", [date(2024, 2, 29)])

    @pytest.mark.parametrize(
        "text",
        [
            "2024-01-02 03:04",
            "2024-01-02T03:04",
            "2024-01-02 03:04:00",
            "2024-01-02t03:04:00.000",
            "2024-01-02 03:04:00,0",
        ],
    )
    def test_times_without_a_zone(self, column, text):
        assert column("timestamp", text) == ("TIMESTAMP", [naive(2024, 1, 2, 3, 4)])

    @pytest.mark.parametrize(
        "zone",
        ["Z", "z", " Z", "+00:00", "+0000", "+00", "-00:00", " +00:00", " +0000", " UTC", "UTC", " Europe/London"],
    )
    @pytest.mark.parametrize("clock", [" 03:04", "T03:04:00", "T03:04:00.0"])
    def test_times_with_a_zone(self, column, zone, clock):
        moment = datetime(2024, 1, 2, 3, 4, tzinfo=UTC)
        assert column("timestamp", f"2024-01-02{clock}{zone}") == ("TIMESTAMP WITH TIME ZONE", [moment])

    @pytest.mark.parametrize("zone", ["+02:30", "+0230", " +02:30", "-05", "-0530"])
    def test_offsets(self, column, zone):
        _, [found] = column("timestamp", f"2024-01-02T03:04:05{zone}")
        sign, digits = zone.strip()[0], zone.strip()[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (1 if sign == "+" else -1)
        assert found == datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(offset))

    def test_days_beside_times_begin_at_midnight(self, column):
        stored, values = column("timestamp", "2024-01-02", "2024-01-02 03:04:05")
        assert (stored, values[0]) == ("TIMESTAMP", naive(2024, 1, 2))

    @pytest.mark.parametrize("zone", ["", "Z", "+02:00"])
    def test_nanoseconds_are_kept(self, seconds_and_nanoseconds, zone):
        stored, [last, first] = seconds_and_nanoseconds(
            f"2024-01-01T23:59:59.999999999{zone}", f"2024-01-02T00:00:00{zone}"
        )
        assert stored == ("TIMESTAMPTZ_NS" if zone else "TIMESTAMP_NS")
        assert last.partition("+")[0].endswith(":59:59.999999999")
        assert first.partition("+")[0].endswith(":00:00")

    def test_of_a_mix_with_and_without_zone_too(self, seconds_and_nanoseconds):
        stored, found = seconds_and_nanoseconds("2024-01-01T23:59:59.999999999Z", "2024-01-01T00:30:00", **BERLIN)
        assert (stored, found) == ("TIMESTAMPTZ_NS", ["2024-01-01 23:59:59.999999999+00", "2023-12-31 23:30:00+00"])

    def test_nine_digits_that_say_no_more_than_six_need_no_nanoseconds(self, seconds_and_nanoseconds):
        assert seconds_and_nanoseconds("2024-01-01T00:00:00.123456000", "9999-12-31T00:00:00") == (
            "TIMESTAMP",
            ["2024-01-01 00:00:00.123456", "9999-12-31 00:00:00"],
        )

    def test_nanoseconds_beside_a_year_they_cannot_hold_are_not_rounded(self, seconds_and_nanoseconds):
        values = ["2024-01-01T00:00:00.123456789", "9999-12-31T00:00:00"]
        assert seconds_and_nanoseconds(*values, timestamp="at") == ("VARCHAR", values)

    @pytest.mark.parametrize(
        "text",
        [
            "infinity",
            "epoch",
            "2024-02-30",
            "2024-01-01 25:00:00",
            "1704067200",
            "20240101",
            "2024-01-01 10:00:00 EST",
            "2024-01-01 (BC)",
            "2024-01-01T10:00:00+25:00",
            "2024-01-01T10:00:00+02:75",
            "2024-01-01 10:00:00 Europe/Atlantis",
            "now",
            "2024-01-01T10:00:00.1234567891",
        ],
    )
    @pytest.mark.parametrize("type_", ["date", "timestamp"])
    def test_what_is_none_stays_text(self, column, type_, text):
        assert column(type_, "2024-01-01", text) == ("VARCHAR", ["2024-01-01", text])

    def test_a_time_is_no_date(self, column):
        assert column("date", "2024-01-01", "2024-01-01 10:00:00")[0] == "VARCHAR"


class TestZonesInSomeRows:
    MIXED = ("2024-07-01T12:00:00Z", "2024-07-01T12:00:00", "2024-07-01")

    def test_the_others_are_of_the_declared_one(self, column):
        stored, values = column("timestamp", *self.MIXED, **BERLIN)
        assert stored == "TIMESTAMP WITH TIME ZONE"
        assert [value.astimezone(UTC).hour for value in values] == [12, 10, 22]

    def test_undeclared_it_is_an_error_that_names_the_key(self, column):
        with pytest.raises(
            RequestError, match=r"events\.csv: column value: some times carry .*2024.*`timezone` of the dataset"
        ):
            column("timestamp", *self.MIXED)

    def test_which_shows_no_private_value(self, column):
        with pytest.raises(RequestError) as error:
            column("timestamp", *self.MIXED, pii=True)
        assert "2024" not in str(error.value)

    def test_and_files_with_and_without_one_are_alike(self, tmp_path, load):
        (tmp_path / "lake").mkdir()
        (tmp_path / "lake" / "a.csv").write_text("at\n2024-07-01T12:00:00\n")
        (tmp_path / "lake" / "b.csv").write_text("at\n2024-07-01T12:00:00Z\n")
        types, rows = load({"kind": "csv", "path": "lake"}, columns={"at": {"type": "timestamp"}}, **BERLIN)
        assert types["at"] == "TIMESTAMP WITH TIME ZONE"
        assert [row[0].astimezone(UTC).hour for row in rows] == [10, 12]


class TestOneReading:
    @pytest.mark.parametrize(
        ("values", "first"),
        [
            (["03/04/2024", "25/12/2024"], date(2024, 4, 3)),
            (["03/04/2024", "12/25/2024"], date(2024, 3, 4)),
            (["3.4.2024", "25.12.2024"], date(2024, 4, 3)),
            (["03-04-2024", "25-12-2024"], date(2024, 4, 3)),
            (["2024/03/04", "2024/12/25"], date(2024, 3, 4)),
            (["2024.03.04"], date(2024, 3, 4)),
            (["2024-3-4", "2024-12-25"], date(2024, 3, 4)),
            (["03/04/24", "12/25/24"], date(2024, 3, 4)),
            (["03/04/98", "31/12/98"], date(1998, 4, 3)),
            (["03/04/24", "25/12/24", "02/31/24"], None),
            (["02/02/2024"], date(2024, 2, 2)),
            (["04/03/2024", "2024-12-25", "25/12/2024"], date(2024, 3, 4)),
        ],
    )
    @pytest.mark.parametrize("type_", ["date", "timestamp"])
    def test_that_fits_every_value_is_taken(self, column, type_, values, first):
        stored, found = column(type_, *values)
        assert (stored, found[0]) == (("DATE", first) if first else ("VARCHAR", values[0]))

    @pytest.mark.parametrize(
        ("clock", "hour", "minute"),
        [
            ("13:05", 13, 5),
            ("13:05:00", 13, 5),
            ("13:05:00.0", 13, 5),
            ("1:05 PM", 13, 5),
            ("1:05pm", 13, 5),
            ("12:05:00 AM", 0, 5),
        ],
    )
    def test_with_a_time_of_day(self, column, clock, hour, minute):
        stored, found = column("timestamp", f"25/12/2024 {clock}", "03/04/2024 00:00", "04/04/2024")
        assert stored == "TIMESTAMP"
        assert found == [naive(2024, 12, 25, hour, minute), naive(2024, 4, 3), naive(2024, 4, 4)]

    def test_beside_values_with_a_zone_it_is_of_the_declared_one(self, column):
        _, found = column("timestamp", "25/12/2024 12:00", "2024-12-25T12:00:00Z", **BERLIN)
        assert [value.astimezone(UTC).hour for value in found] == [11, 12]

    @pytest.mark.parametrize(
        ("values", "readings"),
        [
            (["03/04/24"], ["2024-04-03 (as %d/%m/%y)", "2024-03-04 (as %m/%d/%y)", "2003-04-24 (as %y/%m/%d)"]),
            (["03/04/2024", "05/06/2024"], ["2024-04-03 (as %d/%m/%Y)", "2024-03-04 (as %m/%d/%Y)"]),
            (["01/01/02"], ["2002-01-01 (as %d/%m/%y or %m/%d/%y)", "2001-01-02 (as %y/%m/%d)"]),
            (["25.12.24"], ["2024-12-25 (as %d.%m.%y)", "2025-12-24 (as %y.%m.%d)"]),
            (["2024-01-01", "03-04-2024"], ["2024-04-03 (as %d-%m-%Y)", "2024-03-04 (as %m-%d-%Y)"]),
        ],
    )
    @pytest.mark.parametrize(("type_", "key"), [("date", "date_format"), ("timestamp", "timestamp_format")])
    def test_of_several_is_an_error_that_shows_them_and_the_key(self, column, type_, key, values, readings):
        with pytest.raises(RequestError) as error:
            column(type_, *values)
        assert f"column value: '{values[-1] if '-' in values[0] else values[0]}' can be {', '.join(readings)}; " in str(
            error.value
        )
        assert f"the key `{key}` of the source" in str(error.value)

    def test_the_same_with_a_time_of_day(self, column):
        with pytest.raises(RequestError, match=r"2024-04-03 10:30:00 \(as %d/%m/%Y\), 2024-03-04 10:30:00"):
            column("timestamp", "03/04/2024 10:30")

    def test_no_private_value_is_shown(self, column):
        with pytest.raises(RequestError) as error:
            column("date", "03/04/2024", pii=True)
        assert "03/04" not in str(error.value)
        assert "2024" not in str(error.value).replace("events.csv", "")
        assert "%d/%m/%Y, %m/%d/%Y" in str(error.value)

    @pytest.mark.parametrize("text", ["04/13/55", "13/04/69"])
    def test_a_century_that_is_not_certain_is_an_error(self, column, text):
        with pytest.raises(
            RequestError, match=r"century.*20[56][59].*`date_format`|century.*1969.*2069.*`date_format`"
        ):
            column("date", text)

    def test_files_that_fit_only_different_ones_are_read_by_none(self, tmp_path, load):
        (tmp_path / "lake").mkdir()
        (tmp_path / "lake" / "a.csv").write_text("at\n25/12/2024\n")
        (tmp_path / "lake" / "b.csv").write_text("at\n12/26/2024\n")
        types, _ = load({"kind": "csv", "path": "lake"}, columns={"at": {"type": "timestamp"}})
        assert types["at"] == "VARCHAR"

    def test_a_later_day_decides_but_never_changes_a_meaning(self, column):
        with pytest.raises(RequestError):
            column("date", "03/04/2024")
        assert column("date", "03/04/2024", "13/04/2024")[1][0] == date(2024, 4, 3)
        assert column("date", "03/04/2024", "13/04/2024", "04/13/2024")[0] == "VARCHAR"
