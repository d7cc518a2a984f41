"""A table becomes a project that loads, with reasons; it works as far as it can, and says what is missing."""

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from postgres_server import running_postgres
from sqlalchemy import create_engine

from maestro_ml.cli.app import run
from maestro_ml.project import load_project
from maestro_ml.project.sources import SqlSource


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Provide `init(text, *options)`: (exit code, the folder, what was printed) of a table with this text."""
    monkeypatch.chdir(tmp_path)

    def made(text: str, *options: str, data: str = "orders.csv") -> tuple[int, Path, str]:
        if text:
            (tmp_path / data).write_text(text)
        code = run(["init", "shop", "--data", data, "--yes", *options])
        return code, tmp_path / "shop", capsys.readouterr().err

    return made


def orders(rows: int = 400) -> str:
    """Return orders of 400 hours; a large one is returned, the refund gives it away, and nobody named a timezone."""
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


def test_the_file_for_ci_is_of_the_system_that_is_named(init) -> None:
    _, folder, _ = init(orders(60), "--no-run", "--ci", "gitlab")
    job = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["maestro"]
    assert job["script"][-1] == "maestro ci --summary maestro.md"
    assert not (folder / ".github").exists()
    assert "| `.gitlab-ci.yml` |" in (folder / "README.md").read_text()


def test_no_file_for_ci_is_written_where_none_is_wanted(init) -> None:
    _, folder, _ = init(orders(60), "--no-run", "--ci", "none")
    assert {path.name for path in folder.iterdir()} == {"README.md", ".gitignore", "tests", "maestro.yaml"}


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
    assert "already exists, and nothing was written" in said
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


def test_a_registry_that_cannot_be_reached_is_a_system_that_fails(init, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    code, folder, printed = init(orders(60), "--label", "returned")
    assert code == 3
    assert "no model was registered: MLflow at http://127.0.0.1:9 cannot be reached" in printed
    assert (folder / "maestro.yaml").exists()


def test_a_training_that_cannot_judge_is_a_failed_request(init) -> None:
    """Nothing of the older three quarters was returned: a model would learn nothing."""
    head, *rows = orders(400).splitlines()
    early = [row.rpartition(",")[0] + ",0" if n < 350 else row for n, row in enumerate(rows)]
    code, folder, printed = init("\n".join([head, *early]), "--label", "returned")
    assert code == 1
    assert "no model was registered: " in printed
    assert (folder / "maestro.yaml").exists()


def test_from_a_file_to_a_registered_model_without_an_edit(init) -> None:
    code, folder, printed = init(orders(), "--label", "returned")
    assert code == 0, printed
    assert "passed validate orders" in printed
    assert "orders_returned version 1 is now 'staging'" in printed
    [record] = folder.glob("runs/cli/*/register/orders_returned/result.json")
    assert json.loads(record.read_text())["result"]["version"] == "1"


def test_the_password_of_a_database_is_in_no_file_and_no_line(init, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_URL", "")  # init sets it: put back afterwards
    with running_postgres() as url:
        engine = create_engine(url)
        pd.read_csv(io.StringIO(orders(60)), parse_dates=["at"]).to_sql("orders", engine, index=False)
        engine.dispose()
        address = url.replace("maestro@", "maestro:geheim@")
        _, folder, printed = init("", "--label", "returned", data=f"{address}#orders")
        assert "passed validate orders" in printed
        monkeypatch.setenv("ORDERS_URL", address)
        source = load_project(folder).datasets["orders"].source
        assert isinstance(source, SqlSource)
        assert source.url.get_secret_value() == address
    assert "set ORDERS_URL to the URL of the database" in printed
    written = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert "${env:ORDERS_URL}" in written["maestro.yaml"].decode()
    assert [name for name, content in written.items() if b"geheim" in content] == []
    assert "geheim" not in printed


@pytest.mark.parametrize("command", [["scan"], ["init", "shop", "--yes", "--data"]], ids=["scan", "init"])
def test_an_error_of_a_database_shows_no_password(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    address = "postgresql+psycopg://me:geheim@127.0.0.1:1/shop"
    for text in (address, f"{address}#orders", "http://me:geheim@127.0.0.1:1/orders.csv"):
        assert run([*command, text]) != 0
    assert "geheim" not in capsys.readouterr().err


def test_values_of_a_column_with_a_personal_name_are_in_no_file(init) -> None:
    numbers = "".join(f"{number},{number % 7}\n" for number in range(100, 200))
    _, folder, _ = init(f"phone,amount\ngeheim,1\n{numbers}", "--no-run", "--label", "none")
    text = (folder / "maestro.yaml").read_text()
    assert "its name sounds personal" in text
    assert "geheim" not in text
