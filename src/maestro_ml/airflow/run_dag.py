"""Run one DAG once, by Airflow's `dag.test()`, and print what came of it: python -m ... DAG TIME [FOLDER ...]

The database of AIRFLOW_HOME must be there. A program of its own, because `dag.test()` shares Airflow's settings with
whoever comes next in its process.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

MARK = "maestro-run: "  # before the document: tasks print too


def main() -> None:
    """Print one document: the state of the run and of its tasks, or why there was none."""
    name, time, *folders = sys.argv[1:]
    found = _run(name, datetime.fromisoformat(time), [Path(folder) for folder in folders])
    sys.stdout.write(f"\n{MARK}{json.dumps(found)}\n")


def _run(name: str, time: datetime, folders: list[Path]) -> dict[str, Any]:
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    known: list[str] = []
    errors: dict[str, str] = {}
    DagBundlesManager().sync_bundles_to_db()  # type: ignore[no-untyped-call]
    for bundle, folder in zip(("maestro", "project"), folders, strict=False):
        bag = DagBag(folder, bundle_name=bundle)
        known += bag.dags
        errors |= {str(file): text.strip().splitlines()[-1] for file, text in bag.import_errors.items()}
        if name not in bag.dags:
            continue
        dag = bag.dags[name]
        # Airflow 3.3: dag.test() on a DAG with a deadline crashes when the run ends.
        dag.deadline = None
        _make_pools({task.pool for task in dag.tasks} - {"default_pool"})
        sync_bag_to_db(bag, bundle, None)
        run = dag.test(logical_date=time)
        tasks = [(_called(task), str(task.state)) for task in run.get_task_instances()]
        return {"state": str(run.state), "tasks": sorted(tasks)}
    return {"known": known, "errors": errors}


def _called(task: Any) -> str:
    return str(task.task_id) if task.map_index < 0 else f"{task.task_id}[{task.map_index}]"


def _make_pools(names: set[str]) -> None:
    from airflow.models.pool import Pool

    for name in names:
        Pool.create_or_update_pool(name=name, slots=1, description="of one run", include_deferred=False)


if __name__ == "__main__":
    main()
