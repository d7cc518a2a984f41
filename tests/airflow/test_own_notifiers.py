"""The notifier of docs/extending.md, as it stands there."""

import json
import textwrap
from pathlib import Path

import pytest

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.notifier import MaestroNotifier
from maestro_ml.project import ProjectError, load_project

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a folder with the page's pager, which leaves its messages in `pages`."""
    section = PAGE.read_text().partition("## A notifier")[2].partition("## ")[0]
    code = [line for line in section.splitlines() if line.startswith("    ") or not line]
    (tmp_path / "pager.py").write_text(textwrap.dedent("\n".join(code)))
    (tmp_path / "pages").mkdir()
    monkeypatch.setenv("PAGER_FOLDER", str(tmp_path / "pages"))
    return tmp_path


def write(folder: Path, notify: str) -> None:
    dataset = "datasets: {orders: {source: {kind: csv, path: x.csv}}}"
    (folder / "maestro.yaml").write_text(f"name: shop\n{dataset}\nalerting: {{notify: {notify}}}\n")
    project_at.cache_clear()


def test_the_example_gets_the_message(project):
    write(project, "[pager.page]")
    MaestroNotifier(project_path=str(project), title="Failed: it", body="why")({})
    [file] = (project / "pages").iterdir()
    assert json.loads(file.read_text()) == {"title": "Failed: it", "body": "why", "urgent": True}


def test_one_that_raises_is_logged_and_the_next_gets_the_message(project, caplog):
    (project / "broken.py").write_text("def page(title, body):\n    raise OSError('no line')\n")
    write(project, "[broken.page, pager.page]")
    MaestroNotifier(project_path=str(project), title="t", body="b")({})
    assert "broken.page: no line" in caplog.text
    assert len(list((project / "pages").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "words"), [("pager.pge", "did you mean 'page'"), ("pager.FOLDER", "is not a function")]
)
def test_a_name_that_leads_to_no_function_is_a_mistake_of_the_file(project, name, words):
    write(project, f"[{name}]")
    with pytest.raises(ProjectError, match=words):
        load_project(project)
