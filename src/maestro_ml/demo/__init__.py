"""The flights project, and the three pipelines run on it here."""
