"""The flights project, and a private Airflow that runs the three pipelines on it."""
