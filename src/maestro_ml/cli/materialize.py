"""`maestro materialize`: offline features to the online store, read back and compared."""

from pathlib import Path

from maestro_ml.cli.options import EndOption, JsonOption, ProjectOption, Request, StartOption, StoreOption
from maestro_ml.cli.output import finish
from maestro_ml.cli.sequence import run_sequence


def materialize(
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Fill the online feature store for the window, and verify it."""
    request = Request.of(project, start, end, store)
    finish(run_sequence(request, ["check_features", "materialize", "verify_online"]), json)
