"""maestro.yaml as a tree of frozen models."""

from maestro_ml.core.errors import MaestroError, Problem, ProjectError, RequestError
from maestro_ml.core.window import Window
from maestro_ml.project.loading.load import load_project
from maestro_ml.project.project import Project

__all__ = ["MaestroError", "Problem", "Project", "ProjectError", "RequestError", "Window", "load_project"]
