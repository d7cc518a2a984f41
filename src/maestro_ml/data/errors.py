"""What can be wrong with a source."""

from maestro_ml.project import MaestroError


class DataError(MaestroError):
    """A source cannot be read; the message names it and what to do."""
