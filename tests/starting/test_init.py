"""A table becomes a project that loads, with reasons; it works as far as it can, and says what is missing."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.project import load_project


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """init(text, *options) -> (exit code, the folder, what was printed) of a table with this text."""
    monkeypatch.chdir(tmp_path)

    def made(text: str, *options: str, data: str = "orders.csv") -> tuple[int, Path, str]:
        if text:
            (tmp_path / data).write_text(text)
        code = run(["init", "shop", "--data", data, "--yes", *options])
        return code, tmp_path / "shop", capsys.readouterr().err

    return made


def orders(rows: int = 400) -> str:
    """Orders of 400 hours; a large one is returned, the refund gives it away, and nobody named a timezone."""
    source = random.Random(1)
    lines = ["order_id,at,amount,country,email,refund,returned"]
    for n in range(rows):
        amount = source.uniform(1, 100)
        back = int(amount + source.gauss(0, 8) > 50)
        at = pd.Timestamp("2024-01-01") + pd.Timedelta(hours=n)
        country = source.choice(["de", "fr", "it"])
        lines.append(f"{1000 + 7 * n},{at},{amount:.2f},{country},a{n}@x.org,{back * 5},{back}")
    return "\n".join(lines) + "\n"


def test_a_proposal_names_what_was_seen_and_why(init) -> None:
    code, folder, _ = init(orders(), "--no-run", "--label", "returned")
    assert code == 0
    text = (folder / "maestro.yaml").read_text()
    project = load_project(folder)
    dataset, [model] = project.datasets["orders"], project.models.values()
    assert (dataset.timestamp, dataset.timezone, dataset.keys) == ("at", "UTC", ("order_id",))
    assert dataset.columns["email"].pii
    assert dataset.columns["amount"].type == "number"
    assert (model.label, model.columns) == ("returned", ("amount", "country"))
    assert model.gate.limit > 0.5
    assert "this is a guess; --timezone names another" in text
    assert "#   without refund: " in text
    assert "@x.org" not in text


def test_what_is_written_is_a_whole_project(init) -> None:
    _, folder, _ = init(orders(), "--no-run")
    assert yaml.safe_load((folder / ".github" / "workflows" / "maestro.yml").read_text())["jobs"]
    assert "maestro validate --at latest" in (folder / "README.md").read_text()
    assert "mlartifacts/" in (folder / ".gitignore").read_text()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder / "tests")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout


def test_flags_say_what_cannot_be_seen(init) -> None:
    flags = ("--timezone", "Europe/Berlin", "--key", "order_id", "--label", "amount", "--name", "acme")
    _, folder, _ = init(orders(), "--no-run", *flags)
    project = load_project(folder)
    assert (project.name, project.datasets["orders"].timezone) == ("acme", "Europe/Berlin")
    [model] = project.models.values()
    assert (model.label, model.gate.metric) == ("amount", "mae")


def test_nothing_that_is_there_is_replaced(init) -> None:
    _, folder, _ = init(orders(), "--no-run")
    (folder / "maestro.yaml").write_text("mine")
    code, _, said = init("", "--no-run")
    assert code == 2
    assert "already there, and nothing was written" in said
    assert (folder / "maestro.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", [".gitignore", "README.md", "tests/test_project.py"])
def test_a_file_of_ones_own_stops_it_before_anything_is_written(init, tmp_path: Path, name: str) -> None:
    (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "shop" / name).write_text("mine")
    code, folder, _ = init(orders(), "--no-run")
    assert code == 2
    assert [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()] == [name]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n" + "".join(f"{n}\n" for n in range(50)), "no model: no column has values that a model could predict"),
        ("id,x,y\n1,2,0\n2,3,1\n3,4,0\n", "no model: "),
        ("a,b\n" + "1,2\n" * 50, "no model: "),
        ("a,b\n", "the table has no row: there is nothing to check"),
        ("a\nhello\nworld\n", "no model: "),
    ],
    ids=["one column", "three rows", "only duplicates", "no row", "only text"],
)
def test_a_poor_table_is_a_project_that_says_what_is_missing(init, text: str, said: str) -> None:
    code, folder, printed = init(text)
    assert code == 0, printed
    assert said in printed
    assert load_project(folder).models == {}
    assert said in (folder / "maestro.yaml").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--label", "retuned"), "no column 'retuned'; did you mean 'returned'?"),
        (("--label", "email"), "'email' cannot be a label"),
        (("--time", "amount"), "--time amount: no column with times; there are: at, none"),
        (("--name", "9"), "--name 9: a name starts with a letter"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_is_written(init, options: tuple[str, ...], message: str) -> None:
    code, folder, printed = init(orders(), "--no-run", *options)
    assert code == 2
    assert message in printed
    assert not folder.exists()


def test_from_a_file_to_a_registered_model_without_an_edit(init) -> None:
    code, folder, printed = init(orders(), "--label", "returned")
    assert code == 0, printed
    assert "passed validate orders" in printed
    assert "orders_returned version 1 is now 'staging'" in printed
    [record] = folder.glob("runs/cli/*/register/orders_returned/result.json")
    assert json.loads(record.read_text())["result"]["version"] == "1"
