"""All columns at once: can a classifier tell the window's rows from the reference's?

Lopez-Paz and Oquab (2017), "Revisiting classifier two-sample tests"; here with the area under the ROC curve, 0.5 where
the two cannot be told apart.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.node import Severity
from maestro_ml.core.results import Number, Result, Statistic
from maestro_ml.core.wording import against, exact
from maestro_ml.project.drift import DomainClassifier
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.numeric_rows import random_rows

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

CHECK = "domain_classifier"
_FOLDS = 2
_NAMED = 3
_FEWEST_ROWS = 20  # of each side


def domain_classifier(
    context: ValidationContext, columns: Sequence[str], spec: DomainClassifier, severity: Severity
) -> Finding:
    """Return the area under the curve on rows the classifier has not seen, and the columns it goes by, as a finding."""
    import numpy as np

    rows, reference_rows = context.current.count, context.reference.count
    sizes: dict[str, Number] = {"rows": rows, "reference_rows": reference_rows}
    if not columns or min(rows, reference_rows) < _FEWEST_ROWS:
        needs = "a numeric column" if not columns else f"at least {_FEWEST_ROWS} rows on both sides"
        message = f"cannot be judged: needs {needs}"
        return finding("drift", CHECK, severity, message, violated=True, column=None, result=Result(details=sizes))
    size = min(spec.sample, rows, reference_rows)  # as many of each, so that neither is the better guess
    reference = random_rows(context.reference.extract, columns, size, spec.seed).numbers
    current = random_rows(context.current.extract, columns, size, spec.seed).numbers
    auc, losses = separation(np.concatenate([reference, current]), np.repeat([0, 1], size), spec.seed)
    leading = [columns[i] for i in np.argsort(-losses)[:_NAMED] if losses[i] > 0]
    violated = auc > spec.max_auc
    by = f", by {', '.join(leading)}" if violated and leading else ""
    message = (
        f"a classifier {'tells' if violated else 'does not tell'} the window from the reference{by}: "
        f"AUC = {against(auc, spec.max_auc, form='.3f')} (at most {exact(spec.max_auc)}) on {size:,} rows of each"
    )
    return finding(
        "drift",
        CHECK,
        severity,
        message,
        violated=violated,
        column=None,
        result=Statistic(auc, spec.max_auc, details={"rows_of_each": size, "leading": ", ".join(leading), **sizes}),
    )


def separation(rows: "NDArray[Any]", side: "NDArray[Any]", seed: int) -> tuple[float, "NDArray[float64]"]:
    """Return the out-of-fold AUC, and how much of it is lost when a column is shuffled, shape (columns,).

    Args:
        rows: shape (n, columns), missing as NaN.
        side: 0 or 1 for each row, shape (n,).
    """
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    random = np.random.default_rng(seed)
    aucs, losses = [], np.zeros(rows.shape[1])
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(rows, side):
        classifier = HistGradientBoostingClassifier(max_iter=50, early_stopping=False, random_state=seed)
        classifier.fit(rows[train], side[train])
        unseen = rows[test]
        aucs.append(roc_auc_score(side[test], classifier.predict_proba(unseen)[:, 1]))
        for column in range(rows.shape[1]):
            shuffled = unseen.copy()
            shuffled[:, column] = random.permutation(shuffled[:, column])
            losses[column] += aucs[-1] - roc_auc_score(side[test], classifier.predict_proba(shuffled)[:, 1])
    return float(np.mean(aucs)), losses / _FOLDS
