"""`maestro pods`: the pods that a model's steps would run in."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import JsonOption, ProjectOption
from maestro_ml.cli.request import Request
from maestro_ml.project import RequestError
from maestro_ml.steps.preflight import check_model
from maestro_ml.steps.registry import is_of_models


def pods(
    model: Annotated[str, typer.Argument(help="A model of the project.")],
    step: Annotated[str | None, typer.Option(help="One step only.")] = None,
    project: ProjectOption = Path(),
    json: JsonOption = False,
) -> None:
    """Show the pods or custom resources that run the steps of a model on a cluster, as Kubernetes manifests."""
    import yaml

    from maestro_ml.airflow.pod_manifest import pod_manifest
    from maestro_ml.airflow.resource_manifest import resource_manifest

    request = Request.of(project)
    loaded = request.project
    check_model(loaded, model)
    known = [name for name in loaded.execution.steps if is_of_models(name, loaded)]
    if step is not None and step not in known:
        raise RequestError(f"{step} has no pod; there are: {', '.join(known) or 'none'}")
    wanted = known if step is None else [step]
    found = {}
    for name in wanted:
        resource, path = loaded.pod_of(name, model).custom_resource, str(loaded.root)
        found[name] = (
            resource_manifest(loaded, resource, name, model, path, ["run", name, "--target", model])
            if resource
            else pod_manifest(loaded, name, model, path)
        )
    if json:
        print_document({"model": model, "mode": loaded.execution.mode, "pods": found})
        return
    if loaded.execution.mode != "kubernetes":
        sys.stderr.write("the steps run in Airflow's own processes; with execution.mode: kubernetes, in these pods\n")
    sys.stdout.write(yaml.safe_dump_all(found.values(), sort_keys=False))
