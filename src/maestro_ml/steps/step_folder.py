"""The folder in the run store that holds a step's files."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from maestro_ml.steps.locks import alone_in
from maestro_ml.steps.store import Folder, is_local, path_segment, reaching


class StepFolder(Folder):
    """The folder of one step of one run, about one target: `<store>/<dag>/<run>/<step>/<target>`.

    Args:
        run_uri: the run's folder.
        step: the step's name.
        target: the dataset or model the step is about; empty for a step without a target.
    """

    def __init__(self, run_uri: str, step: str, target: str = "") -> None:
        super().__init__("/".join(part for part in (run_uri, step, path_segment(target)) if part))
        self.run_uri = run_uri
        self.step = step
        self.target = target

    @classmethod
    def of_run(cls, store: str, dag: str, run: str, step: str, target: str = "") -> "StepFolder":
        """Return the folder of a step of a DAG run."""
        return cls(f"{store.rstrip('/')}/{path_segment(dag)}/{path_segment(run)}", step, target)

    @property
    def store(self) -> str:
        """The run store that holds the run's folder."""
        return self.run_uri.rsplit("/", 2)[0]

    @property
    def run_name(self) -> str:
        """The run as `<dag>/<run>`."""
        return "/".join(self.run_uri.rsplit("/", 2)[1:])

    def of_step(self, step: str) -> "StepFolder":
        """Return the folder of another step of the same run about the same target."""
        return StepFolder(self.run_uri, step, self.target)

    @contextmanager
    def alone(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Keep other processes out of the same target of the same run inside the block; in a local store only.

        Raises:
            StoreError: the run's folder cannot be written to.
        """
        with reaching(self.run_uri) as (filesystem, path):
            local = is_local(filesystem)
        with ExitStack() as held:
            if local:
                with reaching(self.run_uri):
                    held.enter_context(alone_in(Path(path), f".{path_segment(self.target)}.lock", waiting))
            yield

    def _hint(self) -> str:
        return f": has the step '{self.step}' of this run succeeded?"
