"""The metric catalogue: names and labels others build on."""

import pytest
from pydantic import ValidationError

from maestro_ml.observability.metrics import (
    CATALOGUE,
    COUNTERS,
    TRAINING_METRIC,
    VALIDATION_VERDICT,
    VERDICT_VALUES,
    MetricValue,
)
from maestro_ml.steps.result import StepResult

# What dashboards and alert rules in the field are written against: a change here breaks them.
PUBLISHED = {
    "maestro.validation.verdict": ("dataset",),
    "maestro.validation.findings": ("dataset", "stage", "severity"),
    "maestro.validation.rows": ("dataset",),
    "maestro.validation.staleness_seconds": ("dataset",),
    "maestro.validation.drift_share": ("dataset",),
    "maestro.validation.drift_min_p_value": ("dataset",),
    "maestro.validation.anomaly_rate": ("dataset",),
    "maestro.features.rows": ("view",),
    "maestro.features.staleness_seconds": ("view",),
    "maestro.features.missing_share": ("view",),
    "maestro.training.gate": ("model",),
    "maestro.training.alias_problems": ("model",),
    "maestro.training.metric": ("model", "metric"),
}


def test_the_catalogue_is_what_was_published() -> None:
    assert {gauge.name: gauge.labels for gauge in CATALOGUE} == PUBLISHED
    assert len(CATALOGUE) == len(PUBLISHED)


def test_the_counters_are_what_was_published() -> None:
    assert {counter.name: counter.labels for counter in COUNTERS} == {
        "dag_run.success": ("dag_id", "run_type"),
        "dag_run.failed": ("dag_id", "run_type"),
    }


@pytest.mark.parametrize("gauge", [*CATALOGUE, *COUNTERS], ids=lambda gauge: gauge.name)
def test_every_metric_says_what_it_means(gauge: object) -> None:
    assert getattr(gauge, "help", "").strip()


def test_a_gauge_called_with_its_labels_gives_a_sample() -> None:
    sample = TRAINING_METRIC(1, model="m", metric="f1")
    assert sample == MetricValue(name="maestro.training.metric", value=1.0, labels={"model": "m", "metric": "f1"})
    assert isinstance(sample.value, float)


@pytest.mark.parametrize("labels", [{}, {"model": "m"}, {"model": "m", "metric": "f1", "more": "x"}])
def test_other_labels_are_refused(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"maestro\.training\.metric has the labels \('model', 'metric'\)"):
        TRAINING_METRIC(1, **labels)


def test_a_sample_is_a_number_with_text_labels() -> None:
    with pytest.raises(ValidationError):
        MetricValue(name="a", value="many", labels={})  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_defined_stays_so_in_a_steps_result(value: float) -> None:
    result = StepResult(outcome="passed", summary="", metrics=[TRAINING_METRIC(value, model="m", metric="mape")])
    [read] = StepResult.model_validate_json(result.model_dump_json()).metrics
    assert repr(read.value) == repr(value)


def test_worse_verdicts_are_greater() -> None:
    assert VERDICT_VALUES["pass"] < VERDICT_VALUES["warn"] < VERDICT_VALUES["fail"]
    assert VALIDATION_VERDICT(VERDICT_VALUES["fail"], dataset="d").value == 2
