"""Times of a CSV file whose form the project declares."""

from datetime import date, datetime
from functools import partial

import pytest

from maestro_ml.project import ProjectError

naive = partial(datetime, tzinfo=None)


class TestDeclared:
    def test_a_date_format_settles_it(self, column):
        source = {"date_format": "%m/%d/%y"}
        assert column("date", "03/04/24", source=source) == ("DATE", [date(2024, 3, 4)])
        assert column("timestamp", "03/04/24 1:05 PM", source=source) == ("TIMESTAMP", [naive(2024, 3, 4, 13, 5)])
        assert column("timestamp", "03/04/24", source=source) == ("DATE", [date(2024, 3, 4)])

    def test_also_the_century(self, column):
        assert column("date", "04/13/55", source={"date_format": "%m/%d/%y"})[1] == [date(2055, 4, 13)]

    def test_columns_as_in_iso_8601_stay_as_they_are(self, column):
        source = {"date_format": "%d/%m/%Y", "timestamp_format": "%d/%m/%Y %H:%M"}
        assert column("date", "2024-03-04", source=source) == ("DATE", [date(2024, 3, 4)])
        assert column("timestamp", "2024-03-04 10:00Z", source=source)[0] == "TIMESTAMP WITH TIME ZONE"

    def test_iso_values_beside_others_too(self, column):
        source = {"date_format": "%d.%m.%Y"}
        assert column("date", "2024-03-04", "05.03.2024", source=source)[1] == [date(2024, 3, 4), date(2024, 3, 5)]

    def test_a_format_that_looks_like_iso_8601_is_meant(self, column):
        source = {"date_format": "%Y-%d-%m"}
        assert column("date", "2024-04-03", "2024-05-03", source=source)[1] == [date(2024, 3, 4), date(2024, 3, 5)]
        assert column("date", "2024-04-03", "2024-04-25", source=source)[0] == "VARCHAR"

    def test_a_value_of_another_format_is_not_read(self, column):
        assert column("date", "25/12/2024", "12/26/2024", source={"date_format": "%d/%m/%Y"})[0] == "VARCHAR"

    def test_years_of_two_digits_are_none_of_four(self, column):
        assert column("date", "03/04/24", source={"date_format": "%d/%m/%Y"})[0] == "VARCHAR"

    @pytest.mark.parametrize(
        ("format_", "text", "stored"),
        [
            ("%d.%m.%Y %H:%M %z", "04.03.2024 10:00 +02:00", "TIMESTAMP WITH TIME ZONE"),
            ("%d-%b-%Y %H:%M", "04-Mar-2024 10:00", "TIMESTAMP"),
            ("%Y%m%d%H%M%S", "20240304100000", "TIMESTAMP"),
            ("%d/%m/%Y %H:%M:%S.%n", "04/03/2024 10:00:00.123456789", "TIMESTAMP_NS"),
        ],
    )
    def test_timestamp_formats(self, column, format_, text, stored):
        assert column("timestamp", text, source={"timestamp_format": format_})[0] == stored

    @pytest.mark.parametrize(
        ("source", "problem"),
        [
            ({"date_format": "%d/%m"}, "where the year stands"),
            ({"date_format": "dd/mm/yyyy"}, "where the month stands"),
            ({"date_format": "%d/%m/%Y %H:%M"}, "`timestamp_format`"),
            ({"timestamp_format": "%d/%m/%Y %q"}, "%q is not part of a format"),
        ],
    )
    def test_one_that_is_none_is_refused_when_the_project_is_loaded(self, column, source, problem):
        with pytest.raises(ProjectError, match=problem):
            column("date", "03/04/2024", source=source)
