"""maestro.yaml as one tree of frozen models, and the words the rest of the package shares."""

from maestro_ml.project.errors import MaestroError, Problem, ProjectError, RequestError
from maestro_ml.project.loading import load_project
from maestro_ml.project.model import Project
from maestro_ml.project.window import Window

__all__ = ["MaestroError", "Problem", "Project", "ProjectError", "RequestError", "Window", "load_project"]
