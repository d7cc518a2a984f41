"""Which version has the alias after intervals were run again, in any order, with better and worse models."""

from collections.abc import Callable
from pathlib import Path

import mlflow.sklearn
import numpy as np
import pandas as pd
import pytest
from intervals import START, train_interval
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED

from maestro_ml.steps.register import RegisterResult
from maestro_ml.training.tracking.client import TrackingError, mlflow_client

GOOD = "{class: sklearn.naive_bayes.GaussianNB}"
POOR = "{class: sklearn.dummy.DummyClassifier, parameters: {strategy: most_frequent}}"
Train = Callable[..., RegisterResult]


@pytest.fixture
def train(tmp_path: Path, store_uri: str) -> Train:
    """Provide `train(day, ...)`: what was registered from the eight days before that day of January 2024."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=480)
    frame = pd.DataFrame({"at": pd.date_range(START, periods=480, freq="1h"), "x": x, "noise": rng.normal(size=480)})
    frame["late"] = (x + rng.normal(scale=0.3, size=480) > 0).astype(int)
    frame.to_parquet(tmp_path / "trips.parquet")

    def run(
        day: int,
        *,
        estimator: str = GOOD,
        columns: str = "x",
        gate: str = "{above: 0}",
        move_alias: bool = False,
        test: str = "2d",
        register: str = "{name: tram_late}",
    ) -> RegisterResult:
        keys = {"column": "noise: {type: number}", "columns": columns, "split": f"test: {test}", "estimator": estimator}
        keys |= {"gate": gate, "register": register, "uri": store_uri}
        params = {"register": {"move_alias": move_alias}}
        result = train_interval(tmp_path, day, "train", "evaluate", "register", params=params, **keys)["register"]
        assert isinstance(result, RegisterResult)
        return result

    return run


def staging(root: Path) -> str:
    with mlflow_client(f"sqlite:///{root}/mlflow.db") as client:
        return str(client.get_model_version_by_alias("tram_late", "staging").version)


def test_a_later_model_that_is_no_worse_takes_the_alias(train: Train, tmp_path: Path) -> None:
    assert train(10).version == "1"
    second = train(12)
    assert (second.version, staging(tmp_path)) == ("2", "2")
    assert second.move is not None
    assert second.move.holder is not None
    assert second.move.holder.same_rows
    assert "tram_late version 2 is now 'staging'" in second.summary


def test_an_older_interval_run_again_leaves_the_alias_with_the_later_model(train: Train, tmp_path: Path) -> None:
    train(12)
    older = train(10)
    assert (older.outcome, older.version, staging(tmp_path)) == ("passed", "2", "1")
    assert "'staging' stays at version 1, whose test rows end 2024-01-13 00:00, later than this" in older.summary
    assert (train(12).version, staging(tmp_path)) == ("1", "1")


def test_a_person_can_move_the_alias_back_by_name(train: Train, tmp_path: Path) -> None:
    train(12)
    assert staging(tmp_path) == "1"
    assert "the move was requested" in train(10, move_alias=True).summary
    assert staging(tmp_path) == "2"


def test_a_worse_model_does_not_take_the_alias_from_a_better_one(train: Train, tmp_path: Path) -> None:
    train(10)
    worse = train(12, estimator=POOR)
    assert (worse.version, staging(tmp_path)) == ("2", "1")
    assert worse.move is not None
    assert worse.move.holder is not None
    assert worse.move.holder.value is not None
    assert worse.move.holder.value > worse.move.candidate
    assert "on the same test rows, better than this model's" in worse.summary


def test_a_changed_model_of_the_same_interval_takes_it_only_if_it_is_no_worse(train: Train, tmp_path: Path) -> None:
    train(10, estimator=POOR)
    assert (train(10).version, staging(tmp_path)) == ("2", "2")
    assert (train(10, estimator=POOR).version, staging(tmp_path)) == ("1", "2")


def test_a_model_of_other_columns_is_compared_by_what_was_recorded(train: Train, tmp_path: Path) -> None:
    train(10)
    other = train(12, columns="noise")
    assert (other.version, staging(tmp_path)) == ("2", "1")
    assert "on its own test rows (it takes x, which the training set no longer has)" in other.summary


def test_a_model_is_not_measured_on_rows_it_was_fitted_on(train: Train, tmp_path: Path) -> None:
    train(10)
    assert "(it was fitted on some of the candidate's)" in train(11, test="4d").summary


def test_a_version_somebody_else_registered_gives_way_with_the_reason(train: Train, tmp_path: Path) -> None:
    train(10)
    with mlflow_client(f"sqlite:///{tmp_path}/mlflow.db") as client:
        foreign = client.create_model_version("tram_late", str(tmp_path / "nowhere"))
        client.set_registered_model_alias("tram_late", "staging", foreign.version)
    done = train(12)
    assert (done.version, staging(tmp_path)) == ("3", "3")
    assert "version 2 had it, and could not be compared: its model cannot be read" in done.summary


def test_the_registered_version_is_the_model_that_was_judged(train: Train, tmp_path: Path) -> None:
    train(10)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    assert mlflow.sklearn.load_model("models:/tram_late@staging").n_features_in_ == 1


def test_the_alias_is_the_one_the_project_names_and_no_other(train: Train, tmp_path: Path) -> None:
    done = train(10, register="{name: tram_late, alias: champion}")
    assert (done.alias, done.version) == ("champion", "1")
    assert "tram_late version 1 is now 'champion'" in done.summary
    with mlflow_client(f"sqlite:///{tmp_path}/mlflow.db") as client:
        assert client.get_registered_model("tram_late").aliases == {"champion": 1}
    assert train(12, register="{name: tram_late, alias: champion}").move is not None
    with mlflow_client(f"sqlite:///{tmp_path}/mlflow.db") as client:
        assert client.get_registered_model("tram_late").aliases == {"champion": 2}


def test_a_registry_that_refuses_the_name_is_an_error(
    train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MlflowException("not yours", error_code=PERMISSION_DENIED)

    train(10)
    monkeypatch.setattr("mlflow.MlflowClient.create_registered_model", refuse)
    with pytest.raises(TrackingError, match="not yours"):
        train(12)
    assert staging(tmp_path) == "1"
