"""The `maestro` command."""

from maestro_ml.cli.entry import main

__all__ = ["main"]
