"""Whether a version was fitted on some of a candidate's test rows, as far as its tags say."""

from collections.abc import Mapping

from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.tracking.experiment import DRAWN, TEST_END, TEST_START, UNTIMED
from maestro_ml.training.tracking.stored_versions import moment_of


def obstacle_of(tags: Mapping[str, str], test: SplitSummary) -> str:
    """Return why a version cannot be judged on the candidate's test rows, without their noun; empty if it can.

    Args:
        tags: of the version and its run.
        test: the candidate's test rows.
    """
    drawn = tags.get(DRAWN, "")
    if drawn and drawn == test.drawn:
        return ""  # what is tested on now was left out of that fit too
    if not test.timed or UNTIMED in tags:
        return "it may have been fitted on some of the candidate's"
    fitted_until = moment_of(tags.get(TEST_END if drawn else TEST_START))
    if fitted_until is None or test.start >= fitted_until:
        return ""
    return f"it {'may have been' if drawn or test.drawn else 'was'} fitted on some of the candidate's"
