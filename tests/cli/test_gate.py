"""`maestro gate simulate`: what it simulates where the gate asks for something else."""

from pathlib import Path

import pytest

from maestro_ml.cli.app import run


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("{above: 0.7}", ""),
        ("{metric: f1_macro, above: 0.4}", "asks for f1_macro above 0.4; what is simulated is accuracy above 0.85"),
        ("{metric: log_loss, below: 0.5}", "asks for log_loss below 0.5; what is simulated is accuracy above 0.85"),
    ],
)
def test_a_gate_of_another_metric_is_said_to_be_another(
    mini: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], gate: str, said: str
) -> None:
    text = (mini / "maestro.yaml").read_text().replace("label: late", f"label: late, gate: {gate}", 1)
    (tmp_path / "maestro.yaml").write_text(text)
    assert run(["gate", "simulate", "first", "--years", "2", "--rows", "200", "--project", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "2 years" in printed.out
    assert (said in printed.err) if said else printed.err == ""


@pytest.mark.parametrize(("option", "value"), [("--seed", "-1"), ("--rows", "0"), ("--rows", "10000000000000")])
def test_a_number_that_cannot_be_simulated_is_refused(
    option: str, value: str, mini: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["gate", "simulate", "first", option, value, "--project", str(mini)]) == 2
    assert option in capsys.readouterr().err
