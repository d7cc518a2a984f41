"""The step `train`: fit a candidate."""

from importlib.metadata import version

from maestro_ml.core.memory import release
from maestro_ml.core.own_code import digest_of, used_code
from maestro_ml.core.wording import plural
from maestro_ml.gate_rules.budget import in_words
from maestro_ml.project.preprocessing import import_paths
from maestro_ml.project.splits import splitting_of
from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
from maestro_ml.steps.looks import budget_of
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import NoParameters, StepRun
from maestro_ml.steps.stored_model import store
from maestro_ml.training.candidate import Candidate, SplitSummary, fingerprint, versions
from maestro_ml.training.decision.shap_importance import check_importance
from maestro_ml.training.estimator import build_estimator, estimator_defaults
from maestro_ml.training.fitting import fit, schema_of
from maestro_ml.training.leakage import LeakFinding, find_leaks, refuse
from maestro_ml.training.preprocessing import describe, doubtful_texts
from maestro_ml.training.search.judge import with_parameters
from maestro_ml.training.search.search import check_search, run_search
from maestro_ml.training.split import read_both, split_of
from maestro_ml.training.target import target_of


class TrainResult(StepResult):
    """The candidate; the fitted pipeline is beside it, in the file that `candidate.file` names."""

    candidate: Candidate
    leaks: list[LeakFinding] = []


def train(run: StepRun[NoParameters]) -> TrainResult:
    """Fit the estimator on the training part of the window, and write the model's file."""
    model = run.project.models[run.target]
    estimator = model.chosen_estimator
    split = split_of(run.project, run.target, run.window)
    training_set = run.result_of("build_features", BuildFeaturesResult).training_set
    build_estimator(estimator, model)  # report a mistake in the project before reading the data
    check_importance(run.target, model)
    if model.search:
        check_search(model, model.search)
    with run.folder.of_step("build_features").reading(TRAINING_SET) as file:
        examples, test = read_both(file, training_set, split)  # bad test rows are found before a long fit
    transformers = import_paths(model.preprocessing)
    target = target_of(model, examples.labels, test.labels)
    leaks = find_leaks(model, run.project.datasets[model.dataset], examples, test, target, training_set)
    for leak in leaks:
        run.progress(f"leakage: {leak}")
    refuse(leaks)
    search = None
    if model.search:
        run.progress(f"searching the parameters of {estimator.class_path}")
        splitting = splitting_of(model, run.project.datasets[model.dataset])
        search = run_search(model, model.search, splitting, examples, target)
        estimator = with_parameters(estimator, search.chosen.parameters)
    to_test, rounded = len(test), sorted({*examples.rounded, *test.rounded})
    del test
    release()  # of reading and of the checks
    run.progress(f"fitting {estimator.class_path} on {len(examples):,} rows x {examples.features.shape[1]}")
    pipeline = fit(estimator, examples, model.preprocessing, model.class_weight, in_place=True)
    run.progress("writing the model")
    stored = store(run.folder, pipeline, model.allow_pickle, estimator.class_path, *transformers)
    packages = {**versions(), **stored.packages}
    if search and search.kind == "optuna":
        packages["optuna"] = version("optuna")
    if own := used_code(run.project.root, (estimator.class_path, *transformers, *stored.trusted)):
        packages["project_code"] = digest_of(own)
    candidate = Candidate(
        model=run.target,
        dataset=model.dataset,
        label=model.label,
        target=target,
        estimator=estimator.class_path,
        parameters=estimator.parameters,
        defaults=estimator_defaults(estimator),
        transformers=transformers,
        preparation=tuple(describe(model.preprocessing, examples)),
        doubtful_texts=doubtful_texts(model.preprocessing, examples),
        class_weight=model.class_weight,
        search=search,
        features=schema_of(examples),
        train=SplitSummary.of(split.train, examples, target),
        trusted_types=stored.trusted,
        pickled=stored.pickled,
        fingerprint=fingerprint(run.folder.run_uri, run.target, model, training_set.sha256, packages),
        versions=packages,
        rounded=rounded,
    )
    return TrainResult(
        outcome="passed",
        summary=f"{estimator.class_path.rpartition('.')[2]} fitted on {plural(len(examples), 'row')} and "
        f"{plural(len(candidate.features), 'feature')}; {to_test:,} {'other' if split.drawn else 'later'} rows "
        f"are left to test on{_remarks(candidate)}{_promise(run, to_test)}{_warnings(leaks)}",
        artifacts={"model": run.folder.path(candidate.file)},
        candidate=candidate,
        leaks=leaks,
    )


def _promise(run: StepRun[NoParameters], rows: int) -> str:
    """Say what the gate's error budget can detect with this number of test rows; nothing where there is no budget."""
    gate = run.project.models[run.target].gate
    budget = budget_of(run.project, gate)
    return f"; {in_words(rows, budget.each, gate.metric)}" if budget else ""


def _remarks(candidate: Candidate) -> str:
    """Return what a person should know of the features, each part after a semicolon."""
    remarks = []
    if candidate.search:
        remarks.append(str(candidate.search))
    if candidate.pickled:
        remarks.append(f"stored by pickle, since {candidate.pickled}; reading it runs code from its file")
    if candidate.rounded:
        remarks.append(f"whole numbers beyond 2^53 are rounded in {', '.join(candidate.rounded)}")
    if candidate.doubtful_texts:
        counts = ", ".join(f"{name} ({count:,} values)" for name, count in candidate.doubtful_texts.items())
        remarks.append(f"text of many values is encoded by its alphabetical order: {counts}; see `preprocessing`")
    return "".join(f"; {remark}" for remark in remarks)


def _warnings(leaks: list[LeakFinding]) -> str:
    return f"; may leak the label: {'; '.join(map(str, leaks))}" if leaks else ""
