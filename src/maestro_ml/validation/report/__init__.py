"""The outcome of a validation, as a model, a page and texts."""
