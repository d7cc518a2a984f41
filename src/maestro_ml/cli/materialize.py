"""`maestro materialize`: write features to the online store and verify them."""

from maestro_ml.cli.options import with_request
from maestro_ml.cli.output import finish
from maestro_ml.cli.request import Request
from maestro_ml.cli.sequence import run_sequence


@with_request
def materialize(request: Request) -> None:
    """Materialize the window's features to the online store, and verify them."""
    finish(run_sequence(request, ["check_features", "materialize", "verify_online"]), request.as_json)
