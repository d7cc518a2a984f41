"""The DAG files: schedule, deadline and wiring of steps, nothing else."""
