"""Which addresses of MLflow a project may name."""

from collections.abc import Callable

import pytest

from maestro_ml.project import Problem
from maestro_ml.project.tracking_uri import is_tracking_uri


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///mlflow.db",
        "sqlite:////srv/mlflow.db",
        "http://mlflow:5000",
        "https://ada:hush@mlflow/path",
        "postgresql+psycopg://u:p@h/m",
        "mysql+pymysql://h/m",
        "file:///srv/mlruns",
        "databricks",
        "databricks://profile",
        "uc:http://catalog",
    ],
)
def test_what_mlflow_takes_is_an_address(uri: str) -> None:
    assert is_tracking_uri(uri)


@pytest.mark.parametrize(
    "uri", ["mlruns", "127.0.0.1:5000", "localhost:5000", "htp://mlflow", "http:/mlflow", "http://", "sqlite://m.db"]
)
def test_what_mlflow_does_not_take_is_a_line_and_a_key_before_anything_is_done(
    uri: str, valid: str, problems: Callable[..., list[Problem]]
) -> None:
    [problem] = problems(f"{valid}tracking: {{uri: '{uri}'}}\n")
    assert problem.key == "tracking.uri"
    assert f"'{uri}' is not an address of MLflow, such as http://mlflow:5000" in problem.message


def test_a_wrong_address_is_shown_without_its_password(valid: str, problems: Callable[..., list[Problem]]) -> None:
    [problem] = problems(f"{valid}tracking: {{uri: 'htp://ada:hush@mlflow'}}\n")
    assert "hush" not in problem.message
