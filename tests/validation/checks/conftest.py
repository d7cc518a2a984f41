from collections.abc import Callable

import pandas as pd
import pytest

from maestro_ml.validation import Finding


@pytest.fixture
def check(judge) -> Callable[..., Finding]:
    """check(frame, **declared, given={...}) -> the finding of one declared check on a frame."""

    def run(frame: pd.DataFrame, given: dict | None = None, **declared: object) -> Finding:
        report = judge(frame, "quality", checks=[declared], **(given or {}))
        (*_, found) = [f for f in report.findings if f.check == declared["check"]]
        return found

    return run
