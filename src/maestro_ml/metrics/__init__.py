"""Metrics of models: one module a family."""
