"""Two tasks of one run reach a tracking store that does not exist yet at the same moment."""

import subprocess
import sys

OPEN = """
import sys
from maestro_ml.training.tracking.client import mlflow_client
with mlflow_client(sys.argv[1]) as client:
    client.search_experiments()
"""


def test_two_first_users_of_a_sqlite_store_do_not_break_each_other(tmp_path):
    uri = f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"
    command = [sys.executable, "-c", OPEN, uri]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
