"""The flights project: every departure from New York's three airports in 2013, their weather, and features of both."""

from maestro_ml.demo.flights.prepare import prepare

__all__ = ["prepare"]
