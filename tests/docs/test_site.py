"""The site holds every page, and its links lead somewhere there too."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docs_site
import yaml
from pages import ROOT
from project_reference import unexplained

from maestro_ml.project import load_project


def pages_of(navigation: Any) -> Iterator[str]:
    if isinstance(navigation, str):
        yield navigation
    elif isinstance(navigation, dict):
        yield from pages_of(list(navigation.values()))
    else:
        for part in navigation:
            yield from pages_of(part)


def test_every_page_stands_in_the_navigation_once() -> None:
    config = tomllib.loads(docs_site.expanded((ROOT / "ci/zensical.toml").read_text()))
    named = list(pages_of(config["project"]["nav"]))
    there = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(named) == sorted(there | set(docs_site.OUTSIDE))


def test_links_out_of_the_documentation_lead_into_the_site() -> None:
    page = ROOT / "docs/chart/examples.md"
    text, linked = docs_site.rewritten("[one](../../ci/examples/keda.yaml), [two](executors.md#x), `[no](../a)`", page)
    assert text == "[one](../files/ci/examples/keda.yaml), [two](executors.md#x), `[no](../a)`"
    assert ROOT / "ci/examples/keda.yaml" in linked
    text, _ = docs_site.rewritten("[limits](docs/limits.md), [away](https://example.com/x.md)", ROOT / "SECURITY.md")
    assert text == "[limits](limits.md), [away](https://example.com/x.md)"


def test_every_key_of_the_project_file_is_explained_and_has_an_example() -> None:
    assert unexplained() == []


def test_the_projects_with_every_key_are_loaded(tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all((ROOT / "docs/reference/every-key.yaml").read_text()))
    assert len(documents) == 2
    for document in documents:
        (tmp_path / "maestro.yaml").write_text(yaml.safe_dump(document))
        load_project(tmp_path, {})
