"""A project's folder in an image or a wheel."""
