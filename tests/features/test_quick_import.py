"""Feast imported quickly is Feast, and typeguard is left as it was."""

import subprocess
import sys

CODE = """
import sys
import typeguard
before = typeguard.typechecked
from maestro_ml.features.quick_import import import_feast
import_feast()
assert typeguard.typechecked is before
from feast import FeatureStore, BigQuerySource
assert BigQuerySource(name="x", table="t").table == "t"
assert not hasattr(BigQuerySource.__init__, "__wrapped__")
assert "uvicorn" not in sys.modules
import feast.feature_server
assert callable(feast.feature_server.start_server)
assert "uvicorn" in sys.modules or "gunicorn" in sys.modules
"""


def test_the_classes_are_whole_and_the_decorator_is_back():
    subprocess.run([sys.executable, "-c", CODE], check=True)
