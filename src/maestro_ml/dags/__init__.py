"""The DAG files: schedules, deadlines and the order of the steps, nothing else."""
