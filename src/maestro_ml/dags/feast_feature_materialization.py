"""Fill the online feature store from the offline one, and prove that it arrived.

1. **check_features**: the feature repo and its stores can be used: registry reachable, views resolvable, sources
   readable, online store writable.
2. **materialize**: the window's features (7 days by default) go to the online store.
3. **verify_online**: sampled keys are read back and compared value by value; too many missing or stale ones fail.

One run at a time; `features.pool` keeps other DAGs from writing to the same online store meanwhile.
"""

from maestro_ml.airflow.current_project import current_project
from maestro_ml.airflow.dag_factory import asset, pipeline_dag, step_task

project = current_project()

if project.features is not None:
    with pipeline_dag(project, project.features, __doc__):
        check = step_task(project, "check_features")
        fill = step_task(project, "materialize", pool=project.features.pool)
        verify = step_task(project, "verify_online", outlets=[asset(project, "online_features")])
        check >> fill >> verify
