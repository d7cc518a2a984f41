"""Fit a candidate, measure it on later rows than it saw, let the gate decide, and keep what passed in MLflow."""
