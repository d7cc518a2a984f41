"""What is printed while Airflow's UI runs."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.serve import show_ui


class Stopped:
    """Components that a person stops at once."""

    def check(self) -> None:
        raise KeyboardInterrupt


def test_each_line_is_whole_also_in_a_pipe(tmp_path: Path) -> None:
    airflow, printed = DemoAirflow.at(tmp_path), io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        show_ui(airflow, Stopped(), Console(file=printed, width=40))
    assert (
        f"The UI: {airflow.url}   user admin, password {airflow.password()}   (Ctrl-C ends it)\n" in printed.getvalue()
    )
    assert printed.getvalue().endswith("logical date: give one to check older rows.\n")
