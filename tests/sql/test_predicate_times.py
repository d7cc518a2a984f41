"""Predicates on times: what a database session in the dataset's timezone makes of the same text; and nanoseconds."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.predicate_times import predicate_sql
from maestro_ml.sql.predicates import PredicateError

MOMENTS = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=37 * i) for i in range(60)] + [
    datetime(2024, month, day, tzinfo=UTC) + timedelta(minutes=30 * i)  # clocks go forward, or back
    for month, day in ((3, 10), (3, 31), (10, 27), (11, 3), (4, 6), (10, 5))
    for i in range(20)
]
PREDICATES = """
naive < zoned
zoned >= naive
naive = other AND zoned IS NOT NULL
zoned < '2024-01-01 10:00'
zoned >= '2024-01-01'
naive >= '2024-01-01 10:00'
'2024-01-01 10:00:00+02' <= zoned
zoned > TIMESTAMP '2024-01-01 12:30'
naive > TIMESTAMP '2024-01-01 12:30'
naive > TIMESTAMPTZ '2024-01-01 12:30'
zoned <= TIMESTAMPTZ '2024-01-01 12:30:00 Asia/Tokyo'
zoned = DATE '2024-01-01'
zoned >= day
naive >= day
day >= zoned AND naive < day
day = '2024-01-01'
day <> '2024-01-01' OR day IN ('2024-11-03', DATE '2024-03-10')
zoned BETWEEN '2024-01-01 08:00' AND naive
naive BETWEEN DATE '2024-01-01' AND TIMESTAMP '2024-06-01'
zoned IN ('2024-01-01 00:00+00', '2024-01-01 01:00', naive)
naive IS DISTINCT FROM zoned
hour(zoned) = 5
hour(naive) < 5 AND minute(naive) > 10
year(zoned) = 2024 AND month(zoned) = 1 AND day(zoned) = 1 AND second(zoned) = 0
dayofweek(zoned) = 0
extract(hour FROM zoned) > extract(hour FROM naive)
date_trunc('day', zoned) = date_trunc('day', naive)
date_trunc('day', zoned) = '2024-01-01'
date_trunc('month', zoned) < day
date_trunc('minute', zoned) < zoned
zoned::DATE = day
naive::DATE = '2024-01-01'
CAST(zoned AS TIMESTAMP) >= naive
naive::TIMESTAMPTZ <= zoned
text::TIMESTAMP < zoned
zoned + INTERVAL 3 HOUR > naive
zoned + INTERVAL 1 DAY > '2024-03-11 02:00'
naive - INTERVAL '90 minutes' < zoned
zoned - INTERVAL 1 MONTH < naive
zoned - naive > INTERVAL 2 HOUR
naive - other < INTERVAL 1 HOUR
day - DATE '2024-01-01' > 3
day + 1 > zoned
date_diff('day', naive, zoned) = 0
date_diff('minute', naive, zoned) > 100
date_diff('month', day, zoned) <= 0
coalesce(zoned, naive) > '2024-01-01 10:00'
coalesce(naive, zoned) <= zoned
greatest(naive, zoned) = zoned
least(other, naive) < TIMESTAMP '2024-03-10 12:00'
nullif(zoned, naive) IS NULL
CASE WHEN flag THEN zoned ELSE naive END < '2024-01-01 18:00'
CASE zoned WHEN '2024-01-01' THEN TRUE ELSE FALSE END
if(flag, naive, other) <= zoned
(zoned) > (naive)
zoned > NULL OR flag
""".strip().splitlines()


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        opened.execute("CREATE TABLE moments AS SELECT unnest(?::TIMESTAMPTZ[]) AS zoned", [MOMENTS])
        opened.execute(
            "CREATE TABLE times AS SELECT zoned, (zoned AT TIME ZONE 'UTC') - INTERVAL 4 HOUR - to_minutes(shift) "
            "AS naive, naive + to_minutes(30 * (shift % 3)) AS other, (naive + INTERVAL 2 HOUR)::DATE AS day, "
            "shift % 2 = 0 AS flag, CASE WHEN shift < 5 THEN '2024-01-01 05:30' END AS text, "
            "row_number() OVER () AS n FROM moments, range(7) AS shifts(shift)"
        )
        yield opened


def columns(zone, **stored):
    given = {"zoned": "TIMESTAMP WITH TIME ZONE", "naive": "TIMESTAMP", "other": "TIMESTAMP", "day": "DATE"} | stored
    return tuple((name, TimeSql(f'"{name}"', type_, zone)) for name, type_ in given.items())


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("text", PREDICATES)
def test_it_means_what_it_means_to_a_session_in_the_zone(connection, text, zone):
    sql = predicate_sql(text, columns(zone), zone)
    ours = connection.execute(f"SELECT n, {sql} FROM times ORDER BY n").fetchall()
    connection.execute(f"SET TimeZone = '{zone}'")
    try:
        theirs = connection.execute(f"SELECT n, {text} FROM times ORDER BY n").fetchall()
    finally:
        connection.execute("SET TimeZone = 'UTC'")
    assert [(n, a, b) for (n, a), (_, b) in zip(ours, theirs, strict=True) if a != b] == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("naive <= '2024-01-01 10:00:00-03:30'", "naive <= TIMESTAMPTZ '2024-01-01 13:30:00Z'"),
        ("zoned::TIME < TIME '09:00'", "zoned::TIMESTAMP::TIME < TIME '09:00'"),
        ("epoch(naive) = extract(epoch FROM zoned)", "naive = zoned"),
    ],
)
def test_what_duckdb_cannot_say_or_says_of_another_zone(connection, ours, theirs):
    test_it_means_what_it_means_to_a_session_in_the_zone(connection, theirs, "America/New_York")
    zone = "America/New_York"
    found, expected = (predicate_sql(text, columns(zone), zone) for text in (ours, theirs))
    assert connection.execute(
        f"SELECT count(*) FROM times WHERE ({found}) IS DISTINCT FROM ({expected})"
    ).fetchall() == [(0,)]


NANOSECONDS = [
    ("a < b", True),
    ("a = b", False),
    ("b > a AND z < b", True),
    ("a >= m", False),  # m is the microsecond after it
    ("m > a", True),
    ("m > z", True),
    ("a < '2024-02-01'", True),
    ("z < '2024-02-01T00:00Z'", True),
    ("z < DATE '2024-02-01'", True),
    ("a = '2024-01-31 23:59:59.999999998'", True),
    ("z = '2024-01-31 23:59:59.999999998+00:00'", True),
    ("z = TIMESTAMPTZ '2024-01-31 23:59:59.999999998'", True),
    ("a < '9999-12-31' AND z < '9999-12-31'", True),
    ("a > '1500-01-01' AND z > TIMESTAMP '1500-01-01'", True),
    ("a IN ('2024-02-01', b)", False),
    ("a IN (a, b)", True),
    ("a BETWEEN '2024-01-31' AND '2024-01-31 23:59:59.999999'", False),
    ("coalesce(a, b) < b", True),
    ("coalesce(a, m) < m AND coalesce(m, a) > b", True),
    ("greatest(a, m) > least(b, z)", True),
    ("CASE WHEN a IS NULL THEN z ELSE b END > z", True),
    ("hour(a) = 23 AND day(z) = 31 AND second(z) = 59", True),
    ("date_trunc('day', a) = '2024-01-31' AND z::DATE = DATE '2024-01-31'", True),
    ("a::TIMESTAMP < m AND z::TIMESTAMPTZ < m", True),
    ("a + INTERVAL 1 SECOND < b + INTERVAL 1 SECOND", True),
    ("a + INTERVAL 1 DAY >= m + INTERVAL 1 DAY", False),
    ("z - INTERVAL 1 HOUR = b - INTERVAL 1 HOUR", False),
    ("m - a >= INTERVAL 1 MICROSECOND", False),  # it is two nanoseconds
    ("a - m < INTERVAL 0 SECOND", True),
    ("b - INTERVAL 1 MICROSECOND < a", True),
    ("date_diff('second', a, m) = 1 AND date_diff('day', z, m) = 1", True),
    ("a IS NOT NULL AND z IS NOT NULL", True),
]


@pytest.mark.parametrize(("text", "expected"), NANOSECONDS)
def test_nanoseconds_decide(connection, text, expected):
    stored = {"a": "TIMESTAMP_NS", "b": "TIMESTAMP_NS", "m": "TIMESTAMP", "z": "TIMESTAMPTZ_NS"}
    [found] = connection.execute(
        f"SELECT {predicate_sql(text, columns('UTC', **stored), 'UTC')} FROM (SELECT "
        "'2024-01-31 23:59:59.999999998'::TIMESTAMP_NS AS a, '2024-01-31 23:59:59.999999999'::TIMESTAMP_NS AS b, "
        "'2024-02-01'::TIMESTAMP AS m, '2024-01-31 23:59:59.999999998+00'::TIMESTAMPTZ_NS AS z)"
    ).fetchone()
    assert found is expected


@pytest.mark.parametrize(
    "text", ["zoned > text", "text::TIMESTAMPTZ < naive", "coalesce(text, zoned) IS NOT NULL", "zoned IN (text)"]
)
def test_a_text_whose_zone_nobody_knows_is_refused(text):
    with pytest.raises(PredicateError, match="cast it to TIMESTAMP"):
        predicate_sql(text, columns("Europe/Berlin"), "Europe/Berlin")
