"""What a message may show of a URI."""

import pytest

from maestro_ml.core.secrets import without_password


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://user:hunter2@host:5000/a", "http://user:***@host:5000/a"),
        ("postgresql+psycopg://u:hun%2Fter@db/mlflow", "postgresql+psycopg://u:***@db/mlflow"),
        ("redis://:hunter2@host", "redis://:***@host"),
        ("http://u:hunt@er2@host", "http://u:***@host"),
        ("http://u:hunter2@[", "http://u:***@["),
        ("http://host:5000/a", "http://host:5000/a"),
        ("http://user@host", "http://user@host"),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db"),
        ("runs", "runs"),
    ],
)
def test_the_password_is_masked_and_nothing_else(uri: str, shown: str) -> None:
    assert without_password(uri, uri) == shown


def test_the_decoded_password_is_masked_too() -> None:
    assert without_password("login as u with hun/ter failed", "db://u:hun%2Fter@h") == "login as u with *** failed"
