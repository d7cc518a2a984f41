"""Tables of a database, read through SQLAlchemy."""
