"""Run what an estimator fits side by side where the project says: joblib's backends."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from typing import Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.project import MaestroError, RequestError
from maestro_ml.project.parallel import Parallel

_PACKAGES = {"dask": "distributed", "ray": "ray", "spark": "joblibspark"}
TIMEOUT = "30s"


class ClusterUnreachable(MaestroError):
    """The cluster that a fit should run on does not answer."""


def check_parallel(spec: Parallel | None) -> None:
    """Raise RequestError if the backend's package is not installed."""
    package = _PACKAGES.get(spec.backend) if spec else None
    if spec and package and find_spec(package) is None:
        raise RequestError(f"parallel: {spec.backend} needs the extra: pip install 'maestro-ml[{spec.backend}]'")


@contextmanager
def in_parallel(spec: Parallel | None) -> Iterator[None]:
    """Let joblib use the backend; without one, the estimator decides.

    Raises:
        ClusterUnreachable: nothing answers at the address.
    """
    if spec is None:
        yield
        return
    import joblib

    with _cluster(spec), joblib.parallel_config(backend=spec.backend, n_jobs=spec.jobs or -1):
        yield


def _cluster(spec: Parallel) -> AbstractContextManager[Any]:
    try:
        if spec.backend == "dask":
            from distributed import Client

            return Client(spec.address, timeout=TIMEOUT)  # type: ignore[no-any-return]
        if spec.backend == "ray":
            import ray
            from ray.util.joblib import register_ray

            register_ray()
            return ray.init(address=spec.address)  # type: ignore[no-any-return]
        if spec.backend == "spark":
            _join_spark(spec.address)
    except (OSError, ValueError, RuntimeError) as error:  # a time-out is an OSError
        raise ClusterUnreachable(f"the {spec.backend} cluster at {spec.address}: {text_of(error)}") from error
    return nullcontext()


def _join_spark(master: str | None) -> None:
    """Register the backend, and start the session that it uses unless the process has one, as a Spark driver does."""
    import joblibspark
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("maestro").config("spark.ui.showConsoleProgress", "false")
    (builder.master(master) if master else builder).getOrCreate()
    joblibspark.register_spark()
