"""What `maestro doctor` looks at: the machine, Airflow, the project, and every system that it names."""
