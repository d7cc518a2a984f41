"""What decides, and the tests that must notice a mistake in it."""

SOURCE = "src/maestro_ml"
# Patterns below the package -> tests, the quickest first.
TARGETS: dict[str, tuple[str, ...]] = {
    "checks/*.py": ("tests/checks", "tests/validation/checks"),
    "drift_methods/*.py": ("tests/validation/drift",),
    "drift_methods/ecdf/*.py": ("tests/validation/drift/test_ks.py",),
    "validation/drift/*.py": ("tests/validation/drift/test_drift.py", "tests/validation/drift/test_classifier.py"),
    "validation/history/*.py": ("tests/validation/history",),
    "core/window.py": ("tests/core",),
    "core/results.py": ("tests/validation/report/test_report_json.py",),
    "training/gate.py": ("tests/training/test_gate.py",),
    "features/availability.py": ("tests/features/test_feature_availability.py",),
    "steps/store.py": ("tests/steps/test_store.py",),
    "airflow/pods.py": ("tests/airflow/test_pods.py",),
    "airflow/deadlines.py": ("tests/airflow/test_missed_deadline.py",),
}
