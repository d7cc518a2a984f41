"""Check a training before anything is done."""

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.project import Project, RequestError, Window


def check_training(project: Project, name: str, window: Window) -> None:
    """Raise now what would stop the training of a model in this window later.

    Raises:
        RequestError: there is no such model, or its estimator or columns are no good.
        DataError: the dataset cannot be read, or its labels cannot be learned from.
    """
    from maestro_ml.features.label_checks import check_split
    from maestro_ml.training.decision.shap_importance import check_importance
    from maestro_ml.training.estimator import build_estimator

    check_split(project, name, window)
    model = project.models[name]
    build_estimator(model.chosen_estimator, model)
    check_importance(name, model)


def check_model(project: Project, name: str) -> None:
    """Raise RequestError if the project has no such model."""
    if name in project.models:
        return
    if not project.models:
        raise RequestError(f"no model '{name}'; the project has none")
    raise RequestError(f"no model '{name}'{did_you_mean(name, project.models)}")
