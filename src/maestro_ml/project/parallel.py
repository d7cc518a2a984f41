"""Where the parts of a fit run that do not depend on each other."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from maestro_ml.core.node import Mistake, Node, OptionalText


class Parallel(Node):
    """joblib's backend: processes (`loky`) or threads of this machine, or the workers of a Dask, Ray or Spark cluster.

    An estimator uses it for what it fits side by side, such as the trees of a forest.
    """

    backend: Literal["loky", "threading", "dask", "ray", "spark"]
    address: OptionalText = None  # of the cluster, such as tcp://scheduler:8786; of Spark, its master
    jobs: Annotated[int, Field(ge=1)] | None = None  # at once, where the estimator's n_jobs does not say; None: all

    def mistakes(self) -> Iterator[Mistake]:
        """Report a cluster without an address, and an address of no cluster."""
        on_cluster = self.backend in ("dask", "ray", "spark")
        if self.backend in ("dask", "ray") and not self.address:
            yield Mistake(("address",), f"{self.backend} needs the address of a cluster", (("backend",),))
        if self.address and not on_cluster:
            yield Mistake(("address",), f"{self.backend} runs on this machine", (("backend",),))
