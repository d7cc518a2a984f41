"""What can go wrong between a training set and a judged model."""

from maestro_ml.tables import DataError


class CannotLearn(DataError):
    """The rows are there, and no model can be fitted on them or judged by them; nothing is registered."""

    exit_code = 1
