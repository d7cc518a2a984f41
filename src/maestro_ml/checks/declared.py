"""The type of a dataset's `checks`: a check of any kind the registry knows, distinguished by its key `check`."""

from typing import Annotated

from maestro_ml.checks.base import Check
from maestro_ml.checks.registry import CHECKS
from maestro_ml.core.declared import Declared

AnyCheck = Annotated[Check, Declared("check", Check, CHECKS)]
