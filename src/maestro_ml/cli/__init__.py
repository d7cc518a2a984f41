"""The `maestro` command."""

from maestro_ml.cli.app import main

__all__ = ["main"]
