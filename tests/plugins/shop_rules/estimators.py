"""A classifier of another package."""

from sklearn.linear_model import LogisticRegression


class Careful(LogisticRegression):
    """A logistic regression under a name of its own."""
