"""The lock of a run names every installed distribution."""

from importlib.metadata import distributions

from maestro_ml.training.decision.environment import environment_of


def test_it_has_every_distribution_with_its_version(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    found = environment_of("image:1")
    assert found.distributions == {each.metadata["Name"]: each.version for each in distributions()}
    assert (found.image, found.threads["OMP_NUM_THREADS"]) == ("image:1", "3")
