"""Models of XGBoost, LightGBM and CatBoost in the registry, and in the hands of a stock MLflow client."""

import json
from pathlib import Path

import numpy as np
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
from maestro_ml.training.target import Target
from maestro_ml.training.tracking.client import mlflow_client
from maestro_ml.training.tracking.experiment import log_candidate
from maestro_ml.training.tracking.registry import register_version
from maestro_ml.training.tracking.tracker import CandidateRecord

# path -> parameters, and the distribution that a loader must have
LIBRARIES = {
    "xgboost.XGBClassifier": ({"n_estimators": 5}, "xgboost-cpu=="),
    "lightgbm.LGBMClassifier": ({"n_estimators": 5}, "lightgbm=="),
    "catboost.CatBoostClassifier": ({"iterations": 5}, "catboost=="),
}
LOAD = f"""{WITHOUT_MAESTRO}
import json, mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
rows = pandas.read_json(sys.argv[2])
for name in sys.argv[3:]:
    print(json.dumps(mlflow.pyfunc.load_model(f"models:/{{name}}@staging").predict(rows).tolist()))
"""


def test_a_stock_client_loads_each_of_them_and_gets_the_labels_themselves(
    examples: Examples, window: Window, tracking_uri: str, tmp_path: Path
) -> None:
    words = np.array(["no", "yes"], dtype=object)[examples.labels]
    rows, target = Examples(examples.features, words), Target(classes=("no", "yes"))
    expected, names = [], []
    for path, (parameters, distribution) in LIBRARIES.items():
        pipeline, file = fit(Estimator.model_validate({"class": path, "parameters": parameters}), rows), tmp_path / path
        name = path.partition(".")[0]
        candidate = Candidate(
            model=name, dataset="d", label="y", target=target, estimator=path, parameters=parameters,
            features=schema_of(rows), train=SplitSummary.of(window, rows, target),
            trusted_types=save(pipeline, file, path), fingerprint=name, versions={},
        )  # fmt: skip
        judged = evaluate(pipeline, rows, window, candidate.train, target)
        decision = decide(name, Gate(above=0.5), judged.candidate, judged.baseline)
        record = CandidateRecord("runs/dag/run", candidate, judged, decision, file, rows.features.head(3), {})
        with mlflow_client(tracking_uri) as client:
            logged = log_candidate(client, tracking_uri, "libraries", record)
            where = Registration(name=name)
            register_version(client, tracking_uri, where, logged, decision, test=judged.test, score=lambda _: 0.0)
            folder = client.get_logged_model(logged.removeprefix("models:/")).artifact_location
        requirements = Path(folder.removeprefix("file://")) / "requirements.txt"
        assert distribution in requirements.read_text()
        expected.append(np.ravel(pipeline.predict(rows.features)).tolist())
        names.append(name)
    rows.features.to_json(tmp_path / "rows.json")
    done = run_forked(LOAD, tracking_uri, tmp_path / "rows.json", *names, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert answers == expected
    assert set(answers[0]) == {"no", "yes"}


@pytest.mark.parametrize("package", ["xgboost", "lightgbm", "catboost"])
def test_they_are_no_dependency_of_a_plain_installation(package: str) -> None:
    import importlib.metadata

    needed = importlib.metadata.requires("maestro-ml") or []
    assert [each for each in needed if each.startswith(package) and "extra ==" not in each] == []
