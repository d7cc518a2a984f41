"""Rules of a gate in the project file: mistakes with their line and key, and what the file may leave out."""

from pathlib import Path

import pytest

from maestro_ml.core.errors import ProjectError
from maestro_ml.gate_rules.improvement import ImprovementRule
from maestro_ml.gate_rules.threshold import ThresholdRule
from maestro_ml.project import load_project
from maestro_ml.project.models import Gate

YAML = """\
name: small
datasets:
  trips:
    source: {{kind: parquet, path: trips.parquet}}
    timestamp: at
    columns: {{at: {{type: timestamp}}, x: {{type: number}}, who: {{type: string, pii: true}}, late: {{type: boolean}}}}
models:
  late:
    dataset: trips
    label: late
    columns: [x, who]
    gate: {gate}
    register: {{name: late}}
training: {{schedule: {schedule}}}
"""


def loaded(tmp_path: Path, gate: str, schedule: str = '"0 4 * * 0"') -> Gate:
    (tmp_path / "maestro.yaml").write_text(YAML.format(gate=gate, schedule=schedule))
    return load_project(tmp_path).models["late"].gate


def test_the_short_form_has_no_further_rules(tmp_path: Path) -> None:
    gate = loaded(tmp_path, "{metric: accuracy, above: 0.85}")
    assert gate.further_rules == ()
    assert Gate() == gate


def test_a_rule_without_a_metric_looks_at_the_gates(tmp_path: Path) -> None:
    gate = loaded(tmp_path, "{metric: f1, above: 0.5, rules: [{rule: slices, by: [x], above: 0.3}]}")
    assert [rule.metric_name for rule in gate.further_rules] == ["f1"]


def test_a_budget_tests_the_limit_and_the_champion(tmp_path: Path) -> None:
    rules = loaded(tmp_path, "{max_wrong_promotions_per_year: 0.05}").further_rules
    assert [type(rule) for rule in rules] == [ThresholdRule, ImprovementRule]
    assert rules[0].model_dump() == {
        "rule": "threshold", "metric": "accuracy", "above": 0.85, "below": None, "bound": "lower", "confidence": None,
    }  # fmt: skip


def test_a_budget_leaves_the_declared_improvement_as_it_is(tmp_path: Path) -> None:
    gate = "{max_wrong_promotions_per_year: 0.05, rules: [{rule: improvement, metric: roc_auc}]}"
    assert [rule.metric_name for rule in loaded(tmp_path, gate).further_rules] == ["accuracy", "roc_auc"]


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ("{rules: [{rule: sise, max_mb: 1}]}", "gate.rules.0.rule: no rule 'sise'; did you mean 'size'?"),
        ("{rules: [{rule: size}]}", "gate.rules.0.max_mb: required, but missing"),
        ("{rules: [{max_mb: 1}]}", "gate.rules.0: required key 'rule' is missing"),
        ("{rules: [{rule: size, max_mb: 1, max_kb: 2}]}", "gate.rules.0.max_kb: unknown key; did you mean 'max_mb'?"),
        ("{rules: [{rule: threshold, metric: recal, above: 0.5}]}", "gate.rules.0.metric: .*did you mean 'recall'"),
        ("{rules: [{rule: threshold, metric: recall}]}", "gate.rules.0: needs `above`, the limit of recall"),
        ("{rules: [{rule: threshold, metric: recall, above: 2}]}", "gate.rules.0.above: no recall is above 2"),
        ("{rules: [{rule: baseline, metric: rmse}]}", "gate.rules.0.metric: rmse and the gate's accuracy are not"),
        ("{rules: [{rule: slices, by: [who], above: 0.5}]}", "gate.rules.0.by.0: 'who' is marked pii"),
        ("{rules: [{rule: slices, by: [y], above: 0.5}]}", "gate.rules.0.by.0: 'y' is no feature of the model"),
        ("{rules: [{rule: slices, by: [x], below: 0.5}]}", "gate.rules.0.below: the floor of accuracy is given by"),
        ("{rules: [{rule: shop.rules.Margin}]}", "gate.rules.0.rule: shop.rules.Margin cannot be imported"),
        ("{looks_per_year: 3}", "gate.looks_per_year: has no effect without max_wrong_promotions_per_year"),
        ("{max_wrong_promotions_per_year: 0}", "gate.max_wrong_promotions_per_year: must be greater than 0"),
    ],
)
def test_a_rule_that_cannot_work_is_a_line_and_a_key(gate: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=rf"maestro.yaml:12: models.late.{message}"):
        loaded(tmp_path, gate)


@pytest.mark.parametrize("schedule", ["null", '"@continuous"', '"0 4 * * 1#1"'])
def test_a_budget_needs_a_number_of_looks(schedule: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="give looks_per_year"):
        loaded(tmp_path, "{max_wrong_promotions_per_year: 0.1}", schedule)
    assert loaded(tmp_path, "{max_wrong_promotions_per_year: 0.1, looks_per_year: 12}", schedule).looks_per_year == 12


@pytest.mark.parametrize(
    ("register", "message"),
    [
        ("{name: late, approvers: [ada]}", "approvers is for an approval; add `promotion: approval`"),
        ("{name: late, promotion: automatic, approval_within: 2h}", "approval_within is for an approval"),
        ("{name: late, promotion: automatic, champion: staging}", "both aliases are 'staging'"),
        ("{name: late, promotion: sometimes}", "sometimes"),
    ],
)
def test_a_promotion_that_cannot_be_meant_is_refused(tmp_path: Path, register: str, message: str) -> None:
    text = YAML.format(gate="{}", schedule="null").replace("{name: late}", register)
    (tmp_path / "maestro.yaml").write_text(text)
    with pytest.raises(ProjectError, match=message):
        load_project(tmp_path)


def test_approvers_are_ids_of_users_which_some_logins_number(tmp_path: Path) -> None:
    register = "{name: late, promotion: approval, approvers: [1, ada]}"
    text = YAML.format(gate="{}", schedule="null").replace("{name: late}", register)
    (tmp_path / "maestro.yaml").write_text(text)
    [model] = load_project(tmp_path).models.values()
    assert model.register_as.approvers == ("1", "ada")


@pytest.mark.parametrize("approver", ["true", "''", "1.5"])
def test_an_approver_that_is_no_id_is_refused(tmp_path: Path, approver: str) -> None:
    register = f"{{name: late, promotion: approval, approvers: [{approver}]}}"
    text = YAML.format(gate="{}", schedule="null").replace("{name: late}", register)
    (tmp_path / "maestro.yaml").write_text(text)
    with pytest.raises(ProjectError, match=r"models.late.register.approvers.0"):
        load_project(tmp_path)
