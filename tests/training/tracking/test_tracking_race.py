"""Two tasks of one run reach a tracking store that does not exist yet at the same moment."""

from forked import run_forked

OPEN_TWICE = """
import os, sys, traceback
from maestro_ml.training.tracking.client import mlflow_client
both = []
for _ in range(2):
    both.append(os.fork())
    if not both[-1]:
        try:
            with mlflow_client(sys.argv[1]) as client:
                client.search_experiments()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
sys.exit([os.waitpid(each, 0)[1] for each in both] != [0, 0])
"""


def test_two_first_users_of_a_sqlite_store_do_not_break_each_other(tmp_path):
    uri = f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"
    done = run_forked(OPEN_TWICE, uri)
    assert done.returncode == 0, done.stderr
