"""Search an estimator's parameters inside the training rows."""
