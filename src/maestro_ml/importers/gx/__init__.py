"""Expectation suites of Great Expectations."""
