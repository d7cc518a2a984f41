"""Is the data still what the project says it is?

For every dataset: **schema** and **quality** (missing, duplicates, ranges, allowed values, freshness), **drift**
(Kolmogorov-Smirnov per numeric column against the reference) and **anomalies** (IsolationForest).

A report (HTML and JSON) is always left in the run store. A violated check of severity *error* fails the task after
the report is written; one of severity *warn* alerts and lets the run succeed. Trying again does not help: the data
must change, or the contract in `maestro.yaml`. Once every dataset has passed, **validated** tells the DAGs that wait
for the asset.
"""

from maestro_ml.airflow.current_project import current_project
from maestro_ml.airflow.dag_factory import announcement, pipeline_dag, step_task

project = current_project()

with pipeline_dag(project, project.validation, __doc__):
    step_task(project, "validate", over=project.validated_datasets()) >> announcement(project, "validated")
