"""Engines beside DuckDB: the same SQL, written for them in one place, over the data where it lies."""
