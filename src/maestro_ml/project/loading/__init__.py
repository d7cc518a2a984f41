"""maestro.yaml, read and checked as a whole."""
