"""A fit on other workers gives the same model, and a backend that is not there is refused before anything is read."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from distributed import LocalCluster
from joblib.parallel import get_active_backend
from sklearn.ensemble import RandomForestClassifier

from maestro_ml.project import ProjectError, RequestError, load_project
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training import parallel
from maestro_ml.training.candidate import fingerprint
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.estimator import build_estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.parallel import ClusterUnreachable

FOREST = "sklearn.ensemble.RandomForestClassifier"
RNG = np.random.default_rng(3)
FEATURES = pd.DataFrame({"a": RNG.normal(size=400), "b": RNG.normal(size=400)})
EXAMPLES = Examples(FEATURES, (FEATURES["a"] + RNG.normal(size=400) > 0).to_numpy().astype(int))


def estimator(**parallel: Any) -> Estimator:
    parameters = {"n_estimators": 6, "random_state": 0}
    return Estimator.model_validate({"class": FOREST, "parameters": parameters, "parallel": parallel or None})


def answers(spec: Estimator) -> Any:
    return fit(spec, EXAMPLES).predict_proba(FEATURES)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Provide two workers of Dask, in threads of this process, behind a port."""
    options = {"processes": False, "dashboard_address": None, "protocol": "tcp", "silence_logs": 50}
    with LocalCluster(n_workers=2, threads_per_worker=1, **options) as started:
        yield started


def test_a_forest_fitted_by_dask_is_the_same_bit_for_bit(cluster: LocalCluster) -> None:
    before = len(cluster.scheduler.transition_log)
    there = answers(estimator(backend="dask", address=cluster.scheduler_address))
    assert len(cluster.scheduler.transition_log) > before
    np.testing.assert_array_equal(there, answers(estimator()))


class NotesItsBackend(RandomForestClassifier):  # type: ignore[misc]
    """A forest that keeps which of joblib's backends it was fitted with, and how many jobs it may start."""

    def fit(self, *_: Any) -> "NotesItsBackend":
        backend, jobs = get_active_backend()
        self.fitted_with_ = (type(backend).__name__, jobs)
        return self


@pytest.mark.parametrize(("backend", "class_name"), [("loky", "LokyBackend"), ("threading", "ThreadingBackend")])
def test_a_backend_of_this_machine_is_used_for_the_fit_only(backend: str, class_name: str) -> None:
    before = get_active_backend()
    spec = estimator(backend=backend, jobs=2).model_copy(update={"class_path": f"{__name__}.NotesItsBackend"})
    assert fit(spec, EXAMPLES).named_steps["estimator"].fitted_with_ == (class_name, 2)
    assert [type(get_active_backend()[0]), get_active_backend()[1]] == [type(before[0]), before[1]]


def test_a_forest_fitted_in_threads_is_the_same_bit_for_bit() -> None:
    np.testing.assert_array_equal(answers(estimator(backend="threading", jobs=2)), answers(estimator()))


def test_a_cluster_that_does_not_answer_is_a_system_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "TIMEOUT", "1s")
    with pytest.raises(ClusterUnreachable, match=r"the dask cluster at tcp://127\.0\.0\.1:9: ") as caught:
        answers(estimator(backend="dask", address="tcp://127.0.0.1:9"))
    assert caught.value.exit_code == 3
    assert not isinstance(caught.value, CannotLearn)


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray"), ("spark", "joblibspark")])
def test_a_backend_whose_extra_is_not_installed_is_refused(
    monkeypatch: pytest.MonkeyPatch, backend: str, package: str
) -> None:
    """The package is hidden, as far as it is installed here."""
    monkeypatch.setattr(parallel, "find_spec", lambda name: None if name == package else sys)
    spec = estimator(backend=backend, address="tcp://x:1")
    with pytest.raises(RequestError, match=rf"{backend} needs the extra: pip install 'maestro-ml\[{backend}\]'"):
        build_estimator(spec, model(estimator=spec))


def model(**given: Any) -> Model:
    return Model.model_validate({"dataset": "d", "label": "y", "columns": ["a"], "register": {"name": "r"}} | given)


def test_where_it_was_fitted_makes_it_no_other_model() -> None:
    here, there = (model(estimator=each) for each in (estimator(), estimator(backend="loky")))
    assert fingerprint("run", "m", here, "data", {}) == fingerprint("run", "m", there, "data", {})


@pytest.mark.parametrize(
    ("parallel", "key", "words"),
    [
        ("{backend: dusk}", "backend", "did you mean 'dask'?"),
        ("{backend: dask}", "address", "dask needs the address of a cluster"),
        ("{backend: loky, address: 'tcp://x:1'}", "address", "loky runs on this machine"),
        ("{backend: loky, jobs: 0}", "jobs", "greater than or equal to 1"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(mini: Path, tmp_path: Path, parallel: str, key: str, words: str) -> None:
    text = (mini / "maestro.yaml").read_text()
    given = f"label: late, estimator: {{parallel: {parallel}}}"
    (tmp_path / "maestro.yaml").write_text(text.replace("label: late", given, 1))
    with pytest.raises(ProjectError) as caught:
        load_project(tmp_path)
    [problem] = caught.value.problems
    assert problem.key == f"models.first.estimator.parallel.{key}"
    assert words in problem.message
