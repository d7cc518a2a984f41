"""`maestro reproduce MODEL@VERSION`: train again from the decision record, and name what differs."""

import sys
from typing import TYPE_CHECKING

import typer

from maestro_ml.cli.console import console, progress_lines
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.opened_model import VersionArgument, named_version, opened_model, split_argument
from maestro_ml.cli.options import with_store
from maestro_ml.cli.request import Request
from maestro_ml.cli.tables import print_table
from maestro_ml.core.boundary import boundary
from maestro_ml.core.stdout import printing_to_stderr

if TYPE_CHECKING:
    from maestro_ml.steps.reproduce import Reproduction


@with_store
def reproduce(request: Request, model: VersionArgument) -> None:
    """Train a version again from its decision record (rows, parameters, seed), and name what differs."""
    from maestro_ml.steps.reproduce import reproduce as made_again

    name, wanted = split_argument(model)
    with opened_model(request, name) as registry:
        version = named_version(registry, wanted, request.project.models[name].register_as.champion)
        record = registry.decision_record(version)
    with boundary(f"reproduce {model}", request.project), printing_to_stderr(), progress_lines() as progress:
        found = made_again(request.project, record, progress)
    if request.as_json:
        print_document(
            {
                "outcome": "passed" if found.equal else "failed",
                "model": name,
                "version": version.version,
                "equal": found.equal,
                "error": found.error,
                "differences": [each.model_dump(mode="json") for each in found.differences],
            }
        )
    else:
        _print(found, f"{registry.name} version {version.version}")
    raise typer.Exit(0 if found.equal else 1)


def _print(found: "Reproduction", version: str) -> None:
    causes = [each for each in found.differences if not each.is_result]
    if found.error:
        console().print(f"{version} cannot be trained again: {found.error}", markup=False)
    elif found.equal:
        about = "; what else differs changed nothing" if causes else ""
        console().print(f"{version} is reproduced: rows, model and every metric are equal{about}", markup=False)
    else:
        console().print(f"{version} is not reproduced", markup=False)
    if found.differences:
        rows = [(each.kind, each.name, each.recorded, each.found) for each in found.differences]
        print_table(("what differs", "name", "recorded", "now"), rows)
    elif not found.equal:
        sys.stdout.write("no difference in rows, files, parameters or packages was found\n")
