"""What an Airflow command prints as JSON, between the lines that its libraries log."""

import pytest

from maestro_ml.doctor.airflow import json_list

WARNING = "2026-11-27T16:22:05Z [warning  ] Could not import graphviz.\nRun `pip install graphviz` [py.warnings]\n"


@pytest.mark.parametrize("before", ["", WARNING, "[2026-11-27] {a.py:1} INFO\n", "[]\n[warning] none\n"])
@pytest.mark.parametrize(("document", "found"), [("[]", []), ('[\n  {"filepath": "a.py"}\n]', [{"filepath": "a.py"}])])
def test_the_list_is_found_behind_log_lines(before: str, document: str, found: list[dict[str, str]]) -> None:
    assert json_list(f"{before}{document}\n") == found


@pytest.mark.parametrize("printed", ["", "No data found\n", WARNING])
def test_no_list_is_an_empty_one(printed: str) -> None:
    assert json_list(printed) == []
