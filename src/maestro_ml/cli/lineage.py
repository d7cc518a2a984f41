"""`maestro lineage MODEL@VERSION`: what a version comes from, back to the rows and files."""

from typing import TYPE_CHECKING

from rich.tree import Tree

from maestro_ml.cli.documents import print_document
from maestro_ml.cli.opened_model import VersionArgument, named_version, opened_model, split_argument
from maestro_ml.cli.options import with_store
from maestro_ml.cli.request import Request
from maestro_ml.cli.tables import print_on_stdout
from maestro_ml.core.directions import with_visible_directions

if TYPE_CHECKING:
    from maestro_ml.steps.models import Lineage

_MOST_FILES = 20


@with_store
def lineage(request: Request, model: VersionArgument) -> None:
    """Show where a version comes from: rows, files, feature views, code, run, decision and approval."""
    name, wanted = split_argument(model)
    with opened_model(request, name) as registry:
        from maestro_ml.steps.models import lineage_of

        version = named_version(registry, wanted, request.project.models[name].register_as.champion)
        found = lineage_of(registry.name, version, registry.decision_record(version), registry.ledger.entries())
    if request.as_json:
        print_document(found.model_dump(mode="json"))
        return
    print_on_stdout(_tree(found))


def _tree(found: "Lineage") -> Tree:
    aliases = f" ({', '.join(found.aliases)})" if found.aliases else ""
    tree = _branch(None, f"{found.name} version {found.version}{aliases}, {found.created:%Y-%m-%d %H:%M} UTC")
    decision = _branch(tree, f"decision: {'passed' if found.decision.passed else 'rejected'}: {found.decision.reason}")
    _branch(decision, f"approval: {found.decision.approval}")
    for move in found.moves:
        _branch(decision, f"'{move.alias}' since {move.time:%Y-%m-%d %H:%M} UTC: {move.actor}: {move.why}")
    _branch(decision, f"decision record: SHA-256 {found.decision.record_sha256}")
    run = _branch(tree, f"run: {found.run}")
    _branch(run, f"MLflow run: {found.mlflow_run or 'none'}")
    _branch(run, f"model's file: SHA-256 {found.model_sha256}")
    rows = found.rows
    data = _branch(
        tree, f"rows: {rows.labelled:,} of {rows.dataset} from {rows.window_start:%Y-%m-%d %H:%M} to before "
        f"{rows.window_end:%Y-%m-%d %H:%M} UTC"
    )  # fmt: skip
    _branch(data, f"fitted on {rows.fitted_on:,}, tested on {rows.tested_on:,}; {rows.without_label:,} without a label")
    _branch(data, f"training set: SHA-256 {rows.sha256}")
    for file in found.files[:_MOST_FILES]:
        _branch(data, f"file: {file.name} of {file.of}, {file.bytes:,} bytes, {file.digest or 'without a digest'}")
    if len(found.files) > _MOST_FILES:
        _branch(data, f"and {len(found.files) - _MOST_FILES:,} more files")
    features = _branch(tree, f"features: {len(found.features.names)}; label: {rows.label}")
    if found.features.service:
        service = _branch(features, f"feature service: {found.features.service}")
        for view in found.features.views:
            _branch(service, f"feature view: {view}")
    if found.features.own:
        _branch(features, f"columns of {rows.dataset}: {', '.join(found.features.own)}")
    code = _branch(tree, f"code: Maestro {found.code.maestro}, {found.code.estimator}")
    parameters = ", ".join(f"{name}={value}" for name, value in found.code.parameters.items())
    _branch(code, f"parameters: {parameters or 'the defaults of the estimator'}")
    if found.code.project_code:
        _branch(code, f"the project's own modules: {found.code.project_code}")
    _branch(code, f"image: {found.code.image or 'not in a container of a known image'}")
    _branch(code, f"Python {found.code.python}, {found.code.distributions:,} installed distributions")
    return tree


def _branch(tree: Tree | None, text: str) -> Tree:
    shown = with_visible_directions(text)
    return Tree(shown, highlight=False) if tree is None else tree.add(shown)
