"""What decides, and the tests that must notice a mistake in it."""

SOURCE = "src/maestro_ml"
# Patterns below the package -> tests, the quickest first.
_DRIFT = "tests/validation/drift"
TARGETS: dict[str, tuple[str, ...]] = {
    "training/gate.py": ("tests/training/test_gate.py",),
    "training/split.py": ("tests/training/test_split.py", "tests/training/test_drawn.py"),
    "training/drawn.py": ("tests/training/test_split.py", "tests/training/test_drawn.py"),
    "project/splits.py": ("tests/training/test_split.py", "tests/training/test_drawn.py"),
    "training/ledger.py": ("tests/training/test_ledger.py", "tests/cli/test_models.py"),
    "gate_rules/[!rs]*.py": ("tests/gate_rules",),
    "gate_rules/s[lt]*.py": ("tests/gate_rules",),
    "metrics/[!r]*.py": ("tests/metrics",),
    "metrics/regression.py": ("tests/metrics",),
    "core/window.py": ("tests/core/test_window.py", "tests/core/test_durations_and_windows.py"),
    "core/results.py": ("tests/validation/report/test_report_json.py", "tests/validation/history"),
    "steps/store.py": ("tests/steps/test_store.py", "tests/steps/test_full_store.py", "tests/steps/test_runner.py"),
    "checks/*.py": (
        "tests/checks",
        "tests/validation/checks/test_findings.py",
        "tests/project/test_check_mistakes.py",
        "tests/project/test_bound_mistakes.py",
        "tests/validation/checks/test_values.py",
        "tests/validation/checks/test_bounds.py",
        "tests/validation/checks/test_sets_of_values.py",
        "tests/validation/checks/test_aggregates.py",
        "tests/validation/checks/test_other_datasets.py",
    ),
    "drift_methods/[!k_]*.py": (
        "tests/drift_methods",
        f"{_DRIFT}/test_measures.py",
        f"{_DRIFT}/test_categories.py",
        f"{_DRIFT}/test_jensen_shannon.py",
    ),
    "drift_methods/ks.py": ("tests/drift_methods", f"{_DRIFT}/test_ks.py"),
    "drift_methods/ecdf/*.py": ("tests/drift_methods", f"{_DRIFT}/test_ks.py"),
    "validation/drift/[!dr]*.py": (
        f"{_DRIFT}/test_effect.py",
        f"{_DRIFT}/test_drift.py",
        f"{_DRIFT}/test_classifier.py",
    ),
    "validation/history/*.py": ("tests/validation/history",),
    "features/availability.py": ("tests/features/test_compared_rows.py", "tests/features/test_feature_availability.py"),
    "airflow/pods.py": ("tests/airflow/test_pods.py",),
    "airflow/deadlines.py": ("tests/airflow/test_missed_deadline.py",),
}
