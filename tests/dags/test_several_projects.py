"""Several projects share an Airflow: each has DAGs, tasks, queue, people and assets of its own."""

from pathlib import Path

import pytest
import yaml

from maestro_ml.airflow.current_project import project_path, serving

PIPELINES = ("data_validation_pipeline", "model_training_pipeline")


def write(folder: Path, name: str, **more: object) -> Path:
    """Write a project with a dataset and a model."""
    folder.mkdir()
    model = {"dataset": "orders", "label": "late", "columns": ["x"], "register": {"name": f"{name}_late"}}
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}, "late": {"type": "boolean"}}
    dataset = {"source": {"kind": "parquet", "path": "orders.parquet"}, "timestamp": "at", "columns": columns}
    project = {"name": name, "datasets": {"orders": dataset}, "models": {"late": model}, **more}
    (folder / "maestro.yaml").write_text(yaml.safe_dump(project))
    return folder


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory):
    """Provide the DAGs of a file that serves two projects, beside the one that MAESTRO_PROJECT names."""
    from airflow.dag_processing.dagbag import DagBag

    home = tmp_path_factory.mktemp("several")
    write(home / "shop", "shop", dag_prefix="shop_", team="sales", validation={"queue": "small", "pool": "shop"})
    write(home / "bank", "bank", dag_prefix="bank_", team="risk", validation={"queue": "large", "pool": "bank"})
    (home / "dags").mkdir()
    served = "".join(f"serve_dags({str(home / name)!r})\n" for name in ("shop", "bank"))
    text = f"from maestro_ml.airflow.several_projects import serve_dags\n\n{served}"
    (home / "dags" / "projects.py").write_text(text)
    bag = DagBag(str(home / "dags"), bundle_name="projects")
    assert bag.import_errors == {}
    return bag.dags, home


def test_each_project_has_its_own_dags(dags) -> None:
    found, _ = dags
    assert set(found) == {f"{name}_{pipeline}" for name in ("shop", "bank") for pipeline in PIPELINES}


@pytest.mark.parametrize(("name", "team", "queue"), [("shop", "sales", "small"), ("bank", "risk", "large")])
def test_their_tasks_load_their_own_project(dags, name: str, team: str, queue: str) -> None:
    found, home = dags
    dag = found[f"{name}_data_validation_pipeline"]
    task = dag.get_task("validate")
    assert task.partial_kwargs["project_path"] == str(home / name)
    assert (dag.owner, task.queue, task.pool) == (team, queue, name)
    assert name in dag.tags
    assert [asset.name for asset in dag.get_task("validated").outlets] == [f"{name}_validated"]
    assert dag.deadline[0].callback.kwargs["dag_id"] == dag.dag_id


def test_a_project_without_a_prefix_is_refused(tmp_path: Path) -> None:
    from maestro_ml.airflow.several_projects import serve_dags
    from maestro_ml.core.errors import RequestError

    with pytest.raises(RequestError, match="give the project a `dag_prefix`, such as plain_"):
        serve_dags(write(tmp_path / "plain", "plain"))


def test_the_current_project_is_another_one_in_the_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAESTRO_PROJECT", "/opt/one")
    with serving("/opt/other"):
        assert project_path() == "/opt/other"
    assert project_path() == "/opt/one"
