"""Drift: every column of the window against the reference, and where asked for all of them together."""
