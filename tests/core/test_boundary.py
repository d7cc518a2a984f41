"""No exception of another library passes the boundary: each becomes one sentence of Maestro's."""

import re
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import sqlalchemy
from sklearn.linear_model import LogisticRegression

from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import SystemFailed, UnknownError
from maestro_ml.project import MaestroError, Project, RequestError, load_project
from maestro_ml.tables.duckdb import connect

CONTRACT = """
name: clinic
datasets:
  visits:
    source: {{kind: parquet, path: visits.parquet}}
    timestamp: at
    columns: {{at: {{type: timestamp}}, patient: {{type: string, pii: {pii}}}}}
"""


@pytest.fixture
def clinic(tmp_path: Path) -> Callable[[bool], Project]:
    def load(pii: bool) -> Project:
        (tmp_path / "maestro.yaml").write_text(CONTRACT.format(pii=str(pii).lower()))
        return load_project(tmp_path)

    return load


def caught(doing: Callable[[], object], project: Project | None = None) -> MaestroError:
    with pytest.raises(MaestroError) as found, boundary("validate visits", project):
        doing()
    return found.value


def fit_on_text() -> None:
    LogisticRegression().fit([["Quillfeather"], ["b"]], [0, 1])


LIBRARIES = [
    (lambda: duckdb.sql("SELECT 'Quillfeather'::INTEGER").fetchall(), "DuckDB"),
    (lambda: pa.array(["Quillfeather"]).cast(pa.int64()), "Arrow"),
    (lambda: sqlalchemy.create_engine("sqlite:////nowhere/at/all.db").connect(), "the database"),
    (lambda: Path("/nowhere/at/all").read_text(), "the system: no such file or directory: /nowhere/at/all"),
    (fit_on_text, "scikit-learn"),
]


@pytest.mark.parametrize(("doing", "named"), LIBRARIES)
def test_an_error_of_a_library_is_one_line_that_names_it(doing: Callable[[], object], named: str) -> None:
    error = caught(doing)
    assert isinstance(error, SystemFailed)
    assert str(error).startswith(f"validate visits: {named}")
    assert "\n" not in str(error)
    assert error.exit_code == 3


@pytest.mark.parametrize("doing", [LIBRARIES[0][0], LIBRARIES[1][0], fit_on_text])
def test_its_text_is_hidden_where_a_column_is_pii_and_only_there(
    doing: Callable[[], object], clinic: Callable[[bool], Project]
) -> None:
    assert "Quillfeather" in str(caught(doing, clinic(False)))
    hidden = caught(doing, clinic(True))
    assert "Quillfeather" not in str(hidden)
    assert hidden.__cause__ is None, "a log would print the cause"


def test_an_address_that_cannot_be_reached_is_named_even_so(clinic: Callable[[bool], Project]) -> None:
    error = caught(lambda: Path("/nowhere/at/all").read_text(), clinic(True))
    assert "/nowhere/at/all" in str(error)


def test_an_unknown_error_is_one_line_and_its_traceback_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    error = caught(lambda: {}["http://ada:hunter2@host"])
    assert isinstance(error, UnknownError)
    assert error.exit_code == 3
    message = str(error)
    assert "\n" not in message
    assert message.startswith("validate visits: an unexpected error, KeyError")
    file = Path(re.search(r"its traceback is in (\S+)$", message)[1])
    text = file.read_text()
    assert "Traceback" in text
    assert "test_boundary.py" in text
    assert "hunter2" not in text + message
    assert file.stat().st_mode & 0o077 == 0


def test_the_traceback_of_an_unknown_error_holds_no_hidden_value(
    clinic: Callable[[bool], Project], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> None:
        try:
            duckdb.sql("SELECT 'Quillfeather'::INTEGER").fetchall()
        except duckdb.Error as error:
            raise KeyError("Quillfeather") from error

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    message = str(caught(break_down, clinic(True)))
    [file] = tmp_path.glob("maestro-traceback-*")
    assert "Quillfeather" not in message + file.read_text().replace("\"SELECT 'Quillfeather'::INTEGER\"", "").replace(
        'KeyError("Quillfeather")', ""
    )


def test_a_query_of_ours_that_is_wrong_is_no_fault_of_the_data() -> None:
    assert isinstance(caught(lambda: duckdb.sql("SELECT nothing_there")), UnknownError)


def test_a_query_that_a_signal_stopped_is_no_unknown_error() -> None:
    def stop(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        error = caught(lambda: connect().execute("SELECT sum(hash(range)) FROM range(100_000_000_000)").fetchall())
    finally:
        signal.signal(signal.SIGALRM, before)
    assert isinstance(error, SystemFailed)
    assert "stopped in the middle of a query" in str(error)


def test_where_no_traceback_can_be_written_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    assert str(caught(lambda: {}["x"])).endswith("its traceback could not be written")


def test_our_own_errors_pass_as_they_are() -> None:
    with pytest.raises(RequestError, match=r"^no such thing$"), boundary("validate visits"):
        raise RequestError("no such thing")
