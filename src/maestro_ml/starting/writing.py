"""A proposal as the files of a project."""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from maestro_ml.core.errors import RequestError, SystemFailed
from maestro_ml.core.library_errors import reason_of
from maestro_ml.core.secrets import without_passwords
from maestro_ml.core.wording import plural
from maestro_ml.core.yaml_text import flow, one_line
from maestro_ml.starting.proposal import Part, Proposal

_NAMED = 20  # columns that are listed with why a model does not learn from them
_TEMPLATES = {
    "README.md": "README.md.jinja",
    ".gitignore": "gitignore.jinja",
    "tests/test_project.py": "test_project.py.jinja",
}


CI = {
    "github": (".github/workflows/maestro.yml", "workflow.yml.jinja"),
    "gitlab": (".gitlab-ci.yml", "gitlab.yml.jinja"),
}


def write_project(folder: Path, proposal: Proposal, origin: str, ci: str = "github") -> list[Path]:
    """Write the project's files; nothing that is there is replaced.

    Args:
        origin: what a person called the table.
        ci: whose file for CI is written, `github` or `gitlab`; another text for none.

    Raises:
        RequestError: one of the files is there already; nothing was written.
        SystemFailed: a file cannot be written.
    """
    from jinja2 import Environment

    origin = without_passwords(origin)
    environment = Environment(keep_trailing_newline=True, trim_blocks=True, autoescape=False)  # noqa: S701 - no HTML
    texts = {}
    templates = _TEMPLATES | dict([CI[ci]] if ci in CI else [])
    for name, template in templates.items():
        source = (files("maestro_ml.starting") / "templates" / template).read_text(encoding="utf-8")
        texts[name] = environment.from_string(source).render(
            proposal=proposal, origin=origin, timed=proposal.end, ci=CI[ci][0] if ci in CI else None
        )
    texts["maestro.yaml"] = "\n".join(yaml_lines(proposal, origin)) + "\n"  # the last one: then all is there
    if there := [str(folder / name) for name in texts if (folder / name).exists()]:
        raise RequestError(f"{', '.join(there)}: already exists, and nothing was written; name another folder")
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise SystemFailed(f"{folder} cannot be written to: {reason_of(error)}") from error
    return [folder / name for name in texts]


def url_variable(source: dict[str, Any], dataset: str) -> str | None:
    """Return the environment variable for a URL with a password, which belongs in no file; None for another source."""
    url = source.get("url", "")
    return None if without_passwords(url) == url else f"{dataset.upper()}_URL"


def source_in(folder: Path, source: dict[str, Any], dataset: str) -> dict[str, Any]:
    """Return a source as a project in the folder names it: a local path from there, if it is near."""
    if variable := url_variable(source, dataset):
        return source | {"url": f"${{env:{variable}}}"}
    path = source.get("path")
    if path is None or "://" in path:
        return source
    relative = os.path.relpath(path, folder.resolve())
    return source | {"path": path if relative.count("..") > 3 else relative}  # noqa: PLR2004 - further is no neighbour


def yaml_lines(proposal: Proposal, origin: str) -> Iterator[str]:
    """Yield the lines of maestro.yaml, each with its reason."""
    size = f"{plural(proposal.rows, 'row')}, {plural(len(proposal.columns), 'column')}"
    yield f"# Proposed by `maestro init` from {one_line(origin)}: {size}."
    yield "# Each line says why; change what is wrong. `maestro schema` prints what else is allowed here."
    yield from (f"# Not here: {one_line(text)}" for text in proposal.missing)
    yield "version: 1"
    yield f"name: {proposal.name}"
    for key, part in (("since", proposal.since), ("until", proposal.until)):
        if part:
            yield _line(key, part)
    yield ""
    yield "datasets:"
    yield f"  {proposal.dataset}:"
    yield from (_line(key, part, "    ") for key, part in proposal.settings.items() if key not in _AFTER)
    yield "    columns:"
    yield from (_line(name, part, "      ") for name, part in proposal.columns.items())
    if proposal.checks:
        yield "    checks:"
        yield from (f"      - {flow(part.value)}{_comment(part.why)}" for part in proposal.checks)
    yield from (_line(key, part, "    ") for key, part in proposal.settings.items() if key in _AFTER)
    if proposal.model:
        yield from _model_lines(proposal)
    yield ""
    yield "# features: no feature store. It pays once several models share features, or answers are needed at once;"
    yield "# docs/project-file.md has the key."


_AFTER = ("reference", "drift")


def _model_lines(proposal: Proposal) -> Iterator[str]:
    yield ""
    yield "models:"
    yield f"  {proposal.model}:"
    for key, part in proposal.learning.items():
        yield _line(key, part, "    ")
        if key == "columns":
            named = list(proposal.not_learned.items())
            yield from (f"    #   without {one_line(name)}: {one_line(why)}" for name, why in named[:_NAMED])
            if len(named) > _NAMED:
                yield f"    #   and without {len(named) - _NAMED} more"


def _line(key: str, part: Part, indent: str = "") -> str:
    return f"{indent}{flow(key)}: {flow(part.value)}{_comment(part.why)}"


def _comment(why: str) -> str:
    return f"  # {one_line(why)}" if why else ""
