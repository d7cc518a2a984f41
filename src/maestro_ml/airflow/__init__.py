"""The Airflow provider: operators, hooks, notifier, deadlines, the DAG bundle."""
