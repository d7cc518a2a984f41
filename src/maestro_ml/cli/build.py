"""`maestro build`: a project's folder in images or in a wheel, and the command that deploys it."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

import maestro_ml
from maestro_ml.cli.console import console
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import JsonOption, ProjectOption
from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import RequestError
from maestro_ml.packaging.contents import Contents, contents_of
from maestro_ml.packaging.deploy import helm_command
from maestro_ml.packaging.image import build as run_builder
from maestro_ml.packaging.image import build_command, chosen_builder, write_context
from maestro_ml.packaging.wheel import write_wheel
from maestro_ml.project import Project, load_project
from maestro_ml.project.platform import PROJECT_VARIABLE

app = typer.Typer(name="build", no_args_is_help=True)
VersionOption = Annotated[str | None, typer.Option(help="The version (default: a digest of the files).")]


@app.callback()
def build() -> None:
    """Build images or a wheel with a project's folder."""


@app.command()
def wheel(
    project: ProjectOption = Path(),
    version: VersionOption = None,
    to: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the wheel.")] = Path("dist"),
    json: JsonOption = False,
) -> None:
    """Write the project as a wheel."""
    from packaging.version import InvalidVersion, Version

    loaded, contents = _read(project)
    with boundary("the wheel"):
        try:
            number = str(Version(version or f"0+{contents.digest}"))
        except InvalidVersion:
            raise RequestError(f"--version {version}: a wheel has a version such as 1.2.0") from None
        file = write_wheel(contents, loaded.name, number, to)
    module = file.name.partition("-")[0]
    _say(contents)
    lines = [f"pip install {file}", f'export {PROJECT_VARIABLE}="$(python -m {module})"']
    _finish(json, {"wheel": str(file), "files": len(contents.files), "deploy": lines}, lines)


@app.command()
def image(
    project: ProjectOption = Path(),
    version: VersionOption = None,
    registry: Annotated[str, typer.Option(help="The prefix of the images' names.")] = "localhost",
    base: Annotated[
        str | None, typer.Option(help="Maestro's Airflow image (default: this version's on localhost).")
    ] = None,
    training_base: Annotated[str | None, typer.Option(help="Maestro's training image.")] = None,
    builder: Annotated[
        str | None, typer.Option(help="docker, podman or buildah (default: the first that works).")
    ] = None,
    context: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Only write the Dockerfile and its files to this folder, for any builder."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Build an Airflow image and a training image with the project, and print how to deploy them."""
    loaded, contents = _read(project)
    tag = version or contents.digest
    bases = {
        "airflow": base or f"localhost/maestro-airflow:{maestro_ml.__version__}",
        "training": training_base or f"localhost/maestro-training:{maestro_ml.__version__}",
    }
    tags = {kind: f"{registry}/{loaded.name.lower()}-{kind}:{tag}" for kind in bases}
    _say(contents)
    with boundary("the images"), tempfile.TemporaryDirectory(prefix="maestro-build-") as scratch:
        folder = context or Path(scratch) / "context"
        if context is None:
            chosen = chosen_builder(builder)
        write_context(contents, loaded.name, bases["airflow"], folder)
        if context is None:
            for kind, name in tags.items():
                run_builder(build_command(chosen, name, bases[kind], folder))
    command = helm_command(loaded.name, tags["airflow"], tags["training"], has_dags=contents.has("dags"))
    document = {"images": tags, "built": context is None, "files": len(contents.files), "deploy": [command]}
    _finish(json, document, [command])


def _read(project: Path) -> tuple[Project, Contents]:
    loaded = load_project(project)
    return loaded, contents_of(project if project.is_dir() else project.parent)


def _say(contents: Contents) -> None:
    out = console()
    out.print(f"{len(contents.files)} files", markup=False)
    if contents.left_out:
        out.print(f"left out: {', '.join(contents.left_out)}", markup=False)


def _finish(as_json: bool, document: dict[str, Any], lines: list[str]) -> None:
    if as_json:
        print_document(document)
    else:
        sys.stdout.write("\n".join(lines) + "\n")
