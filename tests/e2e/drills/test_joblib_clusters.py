"""A fit on a Ray cluster and on Spark, both of this machine: the same model bit for bit.

Without Kubernetes; starting the two is too slow for `make test`.
"""

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project.models import Estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.parallel import ClusterUnreachable

RNG = np.random.default_rng(3)
FEATURES = pd.DataFrame({"a": RNG.normal(size=400), "b": RNG.normal(size=400)})
EXAMPLES = Examples(FEATURES, (FEATURES["a"] + RNG.normal(size=400) > 0).to_numpy().astype(int))
MEMORY = 80 * 2**20


def answers(parallel: dict[str, Any] | None) -> Any:
    parameters = {"n_estimators": 6, "random_state": 0}
    forest = "sklearn.ensemble.RandomForestClassifier"
    spec = Estimator.model_validate({"class": forest, "parameters": parameters, "parallel": parallel})
    return fit(spec, EXAMPLES).predict_proba(FEATURES)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 2, "object_store_memory": MEMORY, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    yield cluster.address
    cluster.shutdown()


def test_a_cluster_that_is_not_there_is_a_system_that_failed() -> None:
    with pytest.raises(ClusterUnreachable, match="the ray cluster at auto: Could not find any running Ray instance"):
        answers({"backend": "ray", "address": "auto"})


def test_a_forest_fitted_by_ray_is_the_same_bit_for_bit(address: str) -> None:
    np.testing.assert_array_equal(answers({"backend": "ray", "address": address}), answers(None))


@pytest.fixture
def spark() -> Iterator[Any]:
    """Provide a function that returns the session of this process, and its end."""
    import pyspark
    from pyspark.sql import SparkSession

    yield SparkSession.getActiveSession
    if session := SparkSession.getActiveSession():
        session.stop()
    if gateway := pyspark.SparkContext._gateway:
        gateway.shutdown()
        gateway.proc.stdin.close()  # it ends with its input
        gateway.proc.wait(30)
        pyspark.SparkContext._gateway = pyspark.SparkContext._jvm = None


@pytest.mark.filterwarnings("ignore:Spark local mode")
def test_a_forest_fitted_by_spark_is_the_same_bit_for_bit(spark: Any) -> None:
    there = answers({"backend": "spark", "address": "local[1]"})
    assert spark().sparkContext.master == "local[1]"
    np.testing.assert_array_equal(there, answers(None))
