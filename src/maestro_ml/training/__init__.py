"""Fit a candidate, test it on later rows, let the gate decide, and register what passed in MLflow."""
