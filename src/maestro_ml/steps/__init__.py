"""Steps: units of work that know nothing of Airflow."""

from maestro_ml.steps.registry import STEPS, find_step
from maestro_ml.steps.result import StepRecord, StepResult
from maestro_ml.steps.runner import run_step
from maestro_ml.steps.step_folder import StepFolder

__all__ = ["STEPS", "StepFolder", "StepRecord", "StepResult", "find_step", "run_step"]
