"""Quantities of Kubernetes as numbers."""


def quantity(value: str | int) -> float:
    """Return CPU in cores, memory in MiB."""
    units = {"m": 0.001, "Mi": 1, "Gi": 1024}
    number = str(value).rstrip("miGM")
    return float(number) * units.get(str(value)[len(number) :], 1)
