"""Errors between a training set and an evaluated model."""

from maestro_ml.tables import DataError


class CannotLearn(DataError):
    """There are rows, but no model can be fitted or tested on them; nothing is registered."""

    exit_code = 1
