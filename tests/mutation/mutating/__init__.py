"""Deliberate mistakes in the chart, one at a time, and whether its tests notice."""
