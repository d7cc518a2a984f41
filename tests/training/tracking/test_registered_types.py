"""The registered model takes columns in whatever type a caller has them, and answers as the candidate did."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from forked import WITHOUT_MAESTRO, run_forked

from maestro_ml.project import Window
from maestro_ml.project.models import Estimator, Gate, Registration
from maestro_ml.training.candidate import Candidate, SplitSummary
from maestro_ml.training.evaluation import evaluate
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit, schema_of
from maestro_ml.training.gate import decide
from maestro_ml.training.storage import save
from maestro_ml.training.tracking.client import mlflow_client
from maestro_ml.training.tracking.experiment import log_candidate
from maestro_ml.training.tracking.registry import register_version
from maestro_ml.training.tracking.tracker import CandidateRecord

TREE = "sklearn.tree.DecisionTreeClassifier"
STOPS, EXPRESS, LINE = [3, 11, 7, 2, 9], [True, False, True, False, True], ["a", "b", "never seen", "a", "b"]


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory, tracking_uri: str) -> Any:
    """Provide the fitted pipeline; it is registered as `typed`."""
    rng = np.random.default_rng(5)
    stops, express = rng.integers(0, 15, 400).astype(float), (rng.random(400) < 0.5).astype(float)
    line = rng.choice(np.array(["a", "b", None], dtype=object), 400)
    labels = ((stops > 6) ^ (express == 1) ^ (line == "b")).astype(int)
    stops[rng.random(400) < 0.1] = np.nan
    express[rng.random(400) < 0.1] = np.nan
    examples = Examples(pd.DataFrame({"stops": stops, "express": express, "line": line}), labels)
    pipeline = fit(Estimator.model_validate({"class": TREE}), examples)
    window = Window(pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-02-01", tz="UTC"))
    file = tmp_path_factory.mktemp("m") / "model.skops"
    candidate = Candidate(
        model="typed", dataset="trams", label="late", estimator=TREE, parameters={}, features=schema_of(examples),
        train=SplitSummary.of(window, examples), trusted_types=save(pipeline, file, TREE),
        fingerprint="typed", versions={},
    )  # fmt: skip
    judged = evaluate(pipeline, examples, window, candidate.train)
    decision = decide("typed", Gate(above=0), judged.candidate, judged.baseline)
    record = CandidateRecord("runs/dag/run", candidate, judged, decision, file, examples.features.head(3), {})
    target = Registration(name="typed")
    with mlflow_client(tracking_uri) as client:
        logged = log_candidate(client, tracking_uri, "typed", record)
        register_version(client, tracking_uri, target, logged, decision, test=judged.test, score=lambda _: 0.0)
    return pipeline


@pytest.fixture
def model(registered: Any, tracking_uri: str) -> Any:
    import mlflow

    mlflow.set_tracking_uri(tracking_uri)
    return mlflow.pyfunc.load_model("models:/typed@staging")


def whole() -> pd.DataFrame:
    return pd.DataFrame({"stops": STOPS, "express": EXPRESS, "line": LINE})


def holed() -> pd.DataFrame:
    """Return the same with a missing value in each column."""
    frame = whole().astype(object)
    for row, column in enumerate(frame.columns):
        frame.loc[row, column] = None
    return frame


def arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.table({name: pa.array(frame[name].tolist()) for name in frame.columns})


def wanted(pipeline: Any, frame: pd.DataFrame) -> list[int]:
    """Return the answers to the columns as a training set has them."""
    numbers = {name: [np.nan if v is None else float(v) for v in frame[name]] for name in ("stops", "express")}
    answers: list[int] = pipeline.predict(pd.DataFrame({**numbers, "line": frame["line"].astype(object)})).tolist()
    return answers


FULL: dict[str, Callable[[pd.DataFrame], Any]] = {
    "int64 and bool": lambda f: f,
    **{
        kind: lambda f, kind=kind: f.astype({"stops": kind}) for kind in ("int8", "uint8", "int32", "uint64", "float32")
    },
    "booleans as integers": lambda f: f.astype({"express": "int64"}),
    "decimals": lambda f: f.assign(stops=[Decimal(n) for n in f["stops"]]),
    "categories": lambda f: f.astype({"line": "category"}),
    "other order and one more": lambda f: f.assign(extra=1)[["line", "extra", "express", "stops"]],
    "own index": lambda f: f.set_axis([7, 7, 8, 9, 1]),
    "lists": lambda f: f.to_dict("list"),
    "arrays": lambda f: {name: f[name].to_numpy() for name in f},
    "records": lambda f: f.to_dict("records"),
}
HOLED: dict[str, Callable[[pd.DataFrame], Any]] = {
    "objects with None": lambda f: f,
    "floats with NaN": lambda f: f.astype({"stops": float, "express": float}),
    "text with NaN": lambda f: f.assign(line=f["line"].where(f["line"].notna(), np.nan)),
    "numpy nullable": lambda f: f.astype({"stops": "Int64", "express": "boolean", "line": "string"}),
    "nullable floats": lambda f: f.astype({"stops": "Float32", "express": "Float64"}),
    "Arrow as pandas has it": lambda f: arrow(f).to_pandas(),
    "Arrow types": lambda f: arrow(f).to_pandas(types_mapper=pd.ArrowDtype),
    "decimals": lambda f: f.assign(stops=[None if n is None else Decimal(n) for n in f["stops"]]),
}


@pytest.mark.parametrize("given", FULL.values(), ids=FULL)
def test_columns_of_any_type_are_taken_as_they_are(given: Callable[..., Any], registered: Any, model: Any) -> None:
    assert np.asarray(model.predict(given(whole()))).tolist() == wanted(registered, whole())


@pytest.mark.parametrize("given", HOLED.values(), ids=HOLED)
def test_missing_values_are_answered_as_in_training(given: Callable[..., Any], registered: Any, model: Any) -> None:
    assert np.asarray(model.predict(given(holed()))).tolist() == wanted(registered, holed())


def test_text_in_a_column_of_numbers_is_named(model: Any) -> None:
    with pytest.raises(ValueError, match="the column 'stops' takes numbers and booleans"):
        model.predict(whole().assign(stops="many"))


def test_a_missing_column_is_named(model: Any) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match="express"):
        model.predict(whole().drop(columns="express"))


@pytest.mark.parametrize("frame", [whole(), holed()], ids=["whole", "holed"])
def test_a_request_in_json_is_answered(frame: pd.DataFrame, registered: Any, model: Any) -> None:
    from mlflow.pyfunc.scoring_server import infer_and_parse_data

    body = json.dumps({"dataframe_split": frame.to_dict("split")})
    parsed = infer_and_parse_data(json.loads(body), model.metadata.get_input_schema())
    assert model.predict(parsed).tolist() == wanted(registered, frame)


def test_the_scikit_learn_model_is_the_pipeline_itself(registered: Any, tracking_uri: str) -> None:
    import mlflow.sklearn

    mlflow.set_tracking_uri(tracking_uri)
    native = mlflow.sklearn.load_model("models:/typed@staging")
    typed = {"stops": np.array(STOPS, float), "express": np.array(EXPRESS, float)}
    given = pd.DataFrame({**typed, "line": LINE})
    assert native.predict_proba(given).tolist() == registered.predict_proba(given).tolist()


IN_ANOTHER_PROCESS = f"""{WITHOUT_MAESTRO}
import mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/typed@staging")
print(model.predict(pandas.read_json(sys.argv[2])).tolist())
"""


def test_a_process_without_maestro_can_use_it(registered: Any, tracking_uri: str, tmp_path: Path) -> None:
    whole().to_json(tmp_path / "rows.json")
    done = run_forked(IN_ANOTHER_PROCESS, tracking_uri, tmp_path / "rows.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == wanted(registered, whole())
