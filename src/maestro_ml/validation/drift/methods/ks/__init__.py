"""The two-sample Kolmogorov-Smirnov test, exact for any number of rows."""
