"""A project before it is deployed: DAGs imported, pods rendered, one DAG run, in an Airflow that is thrown away."""
