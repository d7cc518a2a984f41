"""Machine-learning pipelines on Apache Airflow, Feast and MLflow."""

__version__ = "0.1.0"
