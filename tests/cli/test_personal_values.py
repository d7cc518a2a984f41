"""No value of a column marked `pii` appears in anything that is written or printed, whatever is checked or goes wrong.

Every value of such a column carries a mark that occurs nowhere else; everything a command leaves is searched for them.
"""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from clinic import CHECKS, CONTRACT, PERSONAL, START, expect_no_mark, left, maestro, people

NUMERIC, CATEGORICAL = ("ks", "psi", "wasserstein"), ("chi_square", "psi")


def test_the_search_finds_a_mark_where_there_is_one(write: Callable[..., Path]) -> None:
    open_ = {name: {**column, "pii": False} for name, column in CONTRACT.items()}
    folder = write(columns=open_, checks=[{"check": "regex", "column": "code", "pattern": "x"}])
    maestro(folder, "validate", "people", "--at", "2024-01-21")
    with pytest.raises(AssertionError, match="7318264"):
        expect_no_mark(folder)


@pytest.mark.parametrize(("numeric", "categorical"), itertools.zip_longest(NUMERIC, CATEGORICAL, fillvalue="none"))
def test_no_check_or_statistic_shows_a_personal_value(
    write: Callable[..., Path], numeric: str, categorical: str
) -> None:
    drift = {
        "tests": {"numeric": numeric, "categorical": categorical},
        "classifier": {"max_auc": 0.5, "sample": 200},
        "labels": ["name"],
    }
    folder = write(
        checks=CHECKS,
        drift=drift,
        reference={"kind": "previous"},
        anomalies={"columns": ["card", "salary", "amount"], "max_rate": 0.0},
        freshness={"max_age": "1m"},
    )
    printed = []
    for day in ("2024-01-18", "2024-01-19", "2024-01-20", "2024-01-21"):
        files = ("--junit", str(folder / "ci.xml"), "--markdown", str(folder / "ci.md"))
        code, text = maestro(folder, "validate", "people", "--at", day, "--json", *files)
        assert code == 1, text
        printed.append(text)
    for command, *more in (("suggest",), ("suggest", "--json"), ("history",), ("history", "--json")):
        code, text = maestro(folder, command, "people", "--at", "2024-01-21", *more)
        assert code == 0, text
        printed.append(text)
    report = json.loads(next(folder.rglob("report.json")).read_text())
    stages = {finding["stage"] for finding in report["findings"]}
    assert stages == {"schema", "quality", "drift", "anomalies"}
    assert sum(finding["outcome"] == "violated" for finding in report["findings"]) > 15
    expect_no_mark(folder, *printed)


def test_suggestions_without_any_check_show_no_personal_value(write: Callable[..., Path]) -> None:
    folder = write()
    printed = [maestro(folder, "suggest", "people", "--at", "2024-01-21", *more)[1] for more in ((), ("--json",))]
    assert "amount" in printed[0]
    expect_no_mark(folder, *printed)


def test_a_column_named_in_another_case_is_personal_too(write: Callable[..., Path]) -> None:
    renamed = {name.upper() if name in PERSONAL else name: column for name, column in CONTRACT.items()}
    folder = write(columns=renamed, keys=["id"], checks=[{"check": "duplicate_rows"}], reference={"kind": "previous"})
    printed = [maestro(folder, command, "people", "--at", "2024-01-21")[1] for command in ("validate", "suggest")]
    expect_no_mark(folder, *printed)


def test_a_personal_event_time_shows_in_nothing_but_the_window(write: Callable[..., Path], tmp_path: Path) -> None:
    contract = {**CONTRACT, "at": {"type": "timestamp", "pii": True}}
    folder = write(columns=contract, freshness={"max_age": "1m"}, keys=[], checks=CHECKS)
    frame = people()
    frame["at"] = [START + timedelta(days=19, hours=13, minutes=37, seconds=n % 60) for n in range(len(frame))]
    frame.to_parquet(tmp_path / "data" / "people.parquet")
    printed = [
        maestro(folder, command, "people", "--at", "2024-01-21", *more)[1]
        for command, *more in (("validate",), ("validate", "--json"), ("suggest",))
    ]
    texts = [*(text for _, text in left(folder)), *printed]
    assert not [text for text in texts if "13:37" in text or "10h22m" in text or "10h23m" in text]
    expect_no_mark(folder, *printed)
