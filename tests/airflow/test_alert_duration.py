"""A posted alert fires until the next run of its pipeline has spoken."""

from datetime import UTC, datetime, timedelta

import pytest

from maestro_ml.airflow.alert_duration import alert_lasts
from maestro_ml.project import load_project

NOW = datetime(2026, 3, 4, 6, 10, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def project(mini, tmp_path):
    text = (mini / "maestro.yaml").read_text()

    def with_schedule(schedule, deadline="15m"):
        (tmp_path / "maestro.yaml").write_text(f"{text}validation: {{schedule: {schedule}, deadline: {deadline}}}\n")
        return load_project(tmp_path, {})

    return with_schedule


@pytest.mark.parametrize(
    ("schedule", "next_run"),
    [
        ('"0 */6 * * *"', timedelta(hours=5, minutes=50)),
        ('"0 2 * * *"', timedelta(hours=19, minutes=50)),
        ('"0 4 * * 0"', timedelta(days=3, hours=21, minutes=50)),
        ('"@daily"', timedelta(hours=17, minutes=50)),
    ],
)
def test_until_the_next_run_is_over(project, schedule, next_run):
    lasts = alert_lasts(project(schedule), "data_validation_pipeline", NOW)
    assert lasts == next_run + timedelta(minutes=15) + timedelta(minutes=5)


def test_a_later_deadline_keeps_it_longer(project):
    found = alert_lasts(project('"0 2 * * *"', "3h"), "data_validation_pipeline", NOW)
    assert found == timedelta(hours=19, minutes=50) + timedelta(hours=3, minutes=5)


def test_without_a_schedule_a_day(project):
    assert alert_lasts(project("null"), "data_validation_pipeline", NOW) == timedelta(days=1)
    assert alert_lasts(project('"0 2 * * *"'), "a_dag_of_our_own", NOW) == timedelta(days=1)


def test_it_is_counted_from_now(project):
    before = datetime.now(UTC)
    lasts = alert_lasts(project('"0 2 * * *"'), "data_validation_pipeline")
    ends = (before + lasts).astimezone(UTC) - timedelta(minutes=20)
    late = (datetime.now(UTC) - before) + timedelta(seconds=1)
    assert ends.replace(hour=2, minute=0, second=0, microsecond=0) - ends <= late
    assert (ends + late).hour == 2
