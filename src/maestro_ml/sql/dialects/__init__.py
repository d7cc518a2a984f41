"""The SQL of the engines beside DuckDB."""
