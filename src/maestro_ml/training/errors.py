"""What can go wrong between a training set and a judged model."""

from maestro_ml.data import DataError


class CannotLearn(DataError):
    """The rows are there, and no model can be fitted on them or judged by them; nothing is registered."""

    exit_code = 1


def first_line(error: Exception) -> str:
    """An error of a library in one line; the lines after the first repeat values or advice."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return line or type(error).__name__
