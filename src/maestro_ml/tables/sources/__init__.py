"""The sources of datasets: files and databases."""
