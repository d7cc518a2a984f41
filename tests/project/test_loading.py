"""Loading a project that is right, and the environment in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from maestro_ml.project import Problem, Project, ProjectError, load_project
from maestro_ml.project.references import FixedReference, PreviousReference
from maestro_ml.project.sources import SqlSource

Load = Callable[..., Project]


def test_the_defaults_are_the_documented_ones(valid: str, load: Load) -> None:
    project = load(valid)
    assert (project.validation.schedule, project.validation.deadline) == ("0 */6 * * *", timedelta(minutes=15))
    assert (project.training.schedule, project.training.deadline) == ("0 4 * * 0", timedelta(hours=2))
    assert project.features is not None
    assert (project.features.schedule, project.features.deadline) == ("0 2 * * *", timedelta(minutes=30))
    assert project.features.window == timedelta(days=7)
    model = project.models["returns"]
    assert (model.gate.metric, model.gate.above, model.register_as.alias) == ("accuracy", 0.85, "staging")
    assert model.estimator.class_path == "sklearn.ensemble.RandomForestClassifier"
    assert project.execution.mode == "in_process"


def test_relative_paths_start_at_the_file_and_uris_stay(valid: str, load: Load, tmp_path: Path) -> None:
    project = load(valid)
    assert project.root == tmp_path
    assert project.locate("runs") == str(tmp_path / "runs")
    assert project.locate("/srv/runs") == "/srv/runs"
    assert project.locate("s3://bucket/runs") == "s3://bucket/runs"


def test_the_file_itself_may_be_named(valid: str, tmp_path: Path) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(valid)
    assert load_project(file, {}).root == tmp_path


def test_no_file_says_which_option_names_it(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"maestro\.yaml:1: no such file; --project names the folder") as caught:
        load_project(tmp_path)
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_utf8_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "maestro.yaml").write_bytes("name: caf\xe9".encode("latin-1"))
    with pytest.raises(ProjectError, match="not UTF-8 text"):
        load_project(tmp_path)


def test_a_project_cannot_be_changed(valid: str, load: Load) -> None:
    with pytest.raises(ValidationError):
        load(valid).name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "environ", "read"),
    [
        ("${env:NAME}", {"NAME": "a"}, "a"),
        ("x-${env:NAME}-${env:OTHER:b}", {"NAME": "a"}, "x-a-b"),
        ("${env:NAME:b}", {"NAME": "a"}, "a"),
        ("${env:NAME:sqlite:///a.db}", {}, "sqlite:///a.db"),
        ("${env:NAME:}", {}, ""),
        ("${env:NAME:b}", {"NAME": ""}, ""),
        ("${NAME} $NAME", {"NAME": "a"}, "${NAME} $NAME"),
        ("${env:NAME}", {"NAME": "${env:NAME}"}, "${env:NAME}"),
    ],
)
def test_environment_in_texts(written: str, environ: dict[str, str], read: str, valid: str, load: Load) -> None:
    project = load(f'{valid}\nstore: "{written}"\n', **environ)
    assert project.store == read


def test_every_unset_variable_is_reported(valid: str, problems: Callable[..., list[Problem]]) -> None:
    found = problems(f'{valid}\nstore: "${{env:A}}/${{env:B}}"\nteam: "${{env:C:ops}}"\n')
    assert [p.message.split(" is not set")[0][-1] for p in found] == ["A", "B"]


def test_an_empty_variable_turns_an_optional_setting_off(valid: str, load: Load) -> None:
    text = 'alerting: {alertmanager: "${env:AM:}", notify: "${env:NOTIFY:}"}'
    assert load(f"{valid}\n{text}\n").alerting.alertmanager is None
    assert load(f"{valid}\n{text}\n").alerting.notify == ()


def test_a_comma_separated_variable_is_a_list_and_its_secrets_stay_hidden(valid: str, load: Load) -> None:
    project = load(valid + '\nalerting: {notify: "${env:N}"}\n', N="slack://t0ken/a, mailto://u:pw@h")
    assert [url.get_secret_value() for url in project.alerting.notify] == ["slack://t0ken/a", "mailto://u:pw@h"]
    assert "t0ken" not in repr(project)
    assert "t0ken" not in project.model_dump_json()


def test_union_members_are_distinguished(valid: str, load: Load) -> None:
    fixed = valid.replace("{kind: previous}", "{kind: fixed, start: 2024-01-01, end: 2024-02-01T06:00:00+02:00}")
    reference = load(fixed).datasets["orders"].reference
    assert isinstance(reference, FixedReference)
    assert reference.start == datetime(2024, 1, 1, tzinfo=UTC)
    assert reference.end == datetime(2024, 2, 1, 4, tzinfo=UTC)
    assert isinstance(load(valid).datasets["orders"].reference, PreviousReference)
    sql = valid.replace("{kind: parquet, path: orders.parquet}", "{kind: sql, url: 'sqlite:///x', table: t, schema: s}")
    source = load(sql).datasets["orders"].source
    assert isinstance(source, SqlSource)
    assert source.db_schema == "s"


def test_yaml_merge_keys_and_anchors_work(valid: str, load: Load) -> None:
    text = valid + "  again: &again\n    <<: *base\n    register: {name: again}\n  third: *again\n"
    project = load(text.replace("  returns:\n", "  returns: &base\n"))
    assert project.models["again"].label == "returned"
    assert project.models["again"].register_as.name == "again"


def test_a_mistake_in_an_anchor_is_reported_where_it_stands(valid: str, problems: Callable[..., list[Problem]]) -> None:
    text = valid.replace("  returns:\n", "  returns: &base\n").replace("label: returned", "label: kept")
    found = problems(text + "  again:\n    <<: *base\n    register: {name: again}\n")
    assert {(p.line, p.key) for p in found} == {(22, "models.returns.label"), (22, "models.again.label")}


def test_a_relative_path_and_a_link_lead_to_the_folder_itself(
    valid: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "maestro.yaml").write_text(valid)
    (tmp_path / "linked.yaml").symlink_to(folder / "maestro.yaml")
    assert load_project(tmp_path / "linked.yaml", {}).root == folder
    monkeypatch.chdir(folder)
    project = load_project("maestro.yaml", {})
    monkeypatch.chdir(tmp_path)
    assert (project.root, project.locate("runs")) == (folder, str(folder / "runs"))


def test_without_another_environment_it_is_the_processs(
    valid: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "maestro.yaml").write_text(valid + 'store: "${env:WHERE_RUNS_GO}"\n')
    monkeypatch.setenv("WHERE_RUNS_GO", "s3://bucket/runs")
    assert load_project(tmp_path).store == "s3://bucket/runs"


def test_a_pipelines_retries_are_two_unless_it_says_otherwise(valid: str, load: Load) -> None:
    project = load(valid + "training: {retries: 0}\nvalidation: {retries: 10}\n")
    assert project.features is not None
    assert (project.training.retries, project.validation.retries, project.features.retries) == (0, 10, 2)
