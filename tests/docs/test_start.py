"""Every command of the page for newcomers runs, in order, in one empty folder; every link leads to a page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("start.md", "troubleshooting.md")
INSTALLS = (
    "pip install",
    "mlflow ui",
    "maestro ui",
    "maestro airflow",
)  # a package from outside; servers that do not end


def blocks(page: str) -> list[str]:
    """Return the indented blocks of a page that are commands."""
    text = (DOCS / page).read_text()
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE)
    plain = ["\n".join(line[4:] for line in block.splitlines()).strip() for block in found]
    return [block for block in plain if block]


def test_each_command_of_the_start_page_runs(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, code in (("maestro", "-c 'from maestro_ml.cli import main; main()'"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {code} "$@"\n')
        (programs / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    environment.pop("MAESTRO_PROJECT", None)
    folder = tmp_path / "here"
    folder.mkdir()
    printed = ""
    for block in blocks("start.md"):
        if block.startswith(INSTALLS):
            continue
        done = subprocess.run(
            ["sh", "-e", "-c", block],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        printed = done.stdout
    assert re.fullmatch(r"\[0 1\]", printed.strip())  # a small order stays, a large one comes back


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_page(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)[^)]*\)", (DOCS / page).read_text())
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []
