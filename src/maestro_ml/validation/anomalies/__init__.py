"""Anomalies: rows unlike the reference, taken over all columns together."""
