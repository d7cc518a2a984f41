"""The project's tables as SQL over the CSV views. Times are UTC; delays are minutes.

No feature row knows the future. A row stamped T is made only of what was known before T: a departure delay is known
once the flight has departed, an outcome an hour after its time in the air has passed since (taxiing, and the report),
a cancellation six hours after the scheduled departure, a weather observation stamped h from h + 1 hour on.
"""

FLIGHTS = """
SELECT
    carrier || flight || '-' || origin || '-' || strftime(make_date(year, month, day), '%Y%m%d') AS flight_id,
    (time_hour + to_minutes(minute))::TIMESTAMPTZ AS scheduled_departure,
    carrier,
    origin,
    dest,
    origin || '-' || dest AS route,
    tailnum,
    seats::INTEGER AS seats,
    hour::INTEGER AS hour,
    isodow(make_date(year, month, day))::INTEGER AS weekday,
    distance::INTEGER AS distance,
    air_time::INTEGER AS air_time,
    dep_delay::INTEGER AS dep_delay,
    arr_delay::INTEGER AS arr_delay,
    arr_delay > 15 AS late
FROM csv_flights LEFT JOIN (SELECT tailnum, seats FROM csv_planes) USING (tailnum)
ORDER BY scheduled_departure, flight_id
"""

WEATHER = """
SELECT
    origin,
    time_hour AS observed_at,
    temp,
    dewp,
    humid,
    wind_speed,
    precip,
    pressure,
    visib
FROM csv_weather
ORDER BY observed_at, origin
"""

# A helper of the features: when each flight's departure and outcome were known.
OUTCOMES = """
SELECT
    *,
    scheduled_departure + to_minutes(dep_delay) AS departed_at,
    CASE
        WHEN dep_delay IS NULL THEN scheduled_departure + INTERVAL 6 HOURS
        WHEN arr_delay IS NULL THEN scheduled_departure + to_minutes(dep_delay) + INTERVAL 24 HOURS
        ELSE scheduled_departure + to_minutes(dep_delay) + to_minutes(air_time) + INTERVAL 1 HOUR
    END AS known_at
FROM flights
"""

# Sums by the first row that may know them, then windows of such sums: joining every flight with every day takes 20 s.
_HISTORY = """
WITH daily AS (
    SELECT
        {key},
        date_trunc('day', known_at) + INTERVAL 1 DAY AS first_day,
        count(*) AS flights,
        count(*) FILTER (dep_delay IS NULL) AS cancelled,
        count(dep_delay) AS departed,
        sum(dep_delay) AS dep_delay,
        count(arr_delay) AS arrived,
        sum(arr_delay) AS arr_delay,
        count(*) FILTER (late) AS late
    FROM outcomes
    GROUP BY ALL
)
SELECT {key}, day AS event_timestamp, {features}
FROM daily JOIN days ON day >= first_day AND day < first_day + INTERVAL {days} DAYS
GROUP BY ALL
ORDER BY event_timestamp, {key}
"""

CARRIER_HISTORY = _HISTORY.format(
    key="carrier",
    days=7,
    features="""
    sum(flights)::BIGINT AS carrier_flights_7d,
    sum(late) / nullif(sum(arrived), 0) AS carrier_late_share_7d,
    sum(arr_delay) / nullif(sum(arrived), 0) AS carrier_mean_arr_delay_7d,
    sum(cancelled) / sum(flights) AS carrier_cancelled_share_7d""",
)

ROUTE_HISTORY = _HISTORY.format(
    key="route",
    days=28,
    features="""
    sum(flights)::BIGINT AS route_flights_28d,
    sum(late) / nullif(sum(arrived), 0) AS route_late_share_28d,
    sum(arr_delay) / nullif(sum(arrived), 0) AS route_mean_arr_delay_28d,
    sum(dep_delay) / nullif(sum(departed), 0) AS route_mean_dep_delay_28d""",
)

ORIGIN_CONDITIONS = """
WITH hourly AS (
    SELECT
        origin,
        date_trunc('hour', departed_at) + INTERVAL 1 HOUR AS first_hour,
        count(*) AS departures,
        sum(dep_delay) AS dep_delay
    FROM outcomes
    WHERE departed_at IS NOT NULL
    GROUP BY ALL
),
departures AS (
    SELECT
        origin,
        hour_start,
        sum(departures)::BIGINT AS departures_3h,
        sum(dep_delay) / sum(departures) AS mean_dep_delay_3h
    FROM hourly JOIN hours ON hour_start >= first_hour AND hour_start < first_hour + INTERVAL 3 HOURS
    GROUP BY ALL
)
SELECT
    origin,
    hour_start AS event_timestamp,
    coalesce(departures_3h, 0) AS departures_3h,
    mean_dep_delay_3h,
    temp,
    humid,
    wind_speed,
    precip,
    pressure,
    visib
FROM hours
CROSS JOIN (SELECT DISTINCT origin FROM flights)
LEFT JOIN departures USING (origin, hour_start)
LEFT JOIN (SELECT *, observed_at + INTERVAL 1 HOUR AS hour_start FROM weather) USING (origin, hour_start)
ORDER BY event_timestamp, origin
"""

_CALENDAR = """
SELECT unnest(range(TIMESTAMPTZ '2013-01-01 00:00:00+00', TIMESTAMPTZ '2014-01-02 00:00:00+00', INTERVAL 1 {unit}))
    AS {name}
"""

# Name -> query, in the order in which they build on each other; helpers are not written.
DATASETS = {"flights": FLIGHTS, "weather": WEATHER}
HELPERS = {
    "outcomes": OUTCOMES,
    "days": _CALENDAR.format(unit="DAY", name="day"),
    "hours": _CALENDAR.format(unit="HOUR", name="hour_start"),
}
FEATURES = {
    "carrier_history": CARRIER_HISTORY,
    "route_history": ROUTE_HISTORY,
    "origin_conditions": ORIGIN_CONDITIONS,
}
