"""A package of somebody else: a check, a drift method and an estimator that Maestro does not know."""
