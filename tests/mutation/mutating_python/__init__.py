"""Deliberate mistakes in what decides, and how many of them the tests notice."""
