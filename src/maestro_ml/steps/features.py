"""Steps: check the feature store, materialize, verify the online store."""

from typing import Any

from maestro_ml.features import configuration, preflight
from maestro_ml.features import materialize as materialization
from maestro_ml.features.availability import ViewAvailability, check_availability
from maestro_ml.features.materialize import MaterializedView
from maestro_ml.features.preflight import CheckedStore
from maestro_ml.features.store import OpenStore, open_store
from maestro_ml.observability.metrics import FEATURE_MISSING_SHARE, FEATURE_ROWS, FEATURE_STALENESS
from maestro_ml.project.pipelines import Availability
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import NoParameters, StepRun


class CheckFeaturesResult(StepResult):
    """The parts of the feature store that can be used; anything unusable raises."""

    store: CheckedStore


class MaterializeResult(StepResult):
    """What went online, view by view."""

    views: list[MaterializedView]


class VerifyOnlineResult(StepResult):
    """What was found online, view by view."""

    views: list[ViewAvailability]


def check_features(run: StepRun[NoParameters]) -> CheckFeaturesResult:
    """Check the feature store: registry, definitions, names, sources, and a write to the online store."""
    store = preflight.check_store(run.project, open_store(run.project), run.progress)
    usable = (
        f"{len(store.views)} views and {len(store.services)} services, registry {store.registry}, "
        f"online store {store.online_store}"
    )
    return CheckFeaturesResult(
        outcome="passed",
        summary="; ".join([usable, *store.warnings]),
        store=store,
    )


def materialize(run: StepRun[NoParameters]) -> MaterializeResult:
    """Write the newest row of each entity key in the window, unless a newer one is online; fail if there is none."""
    store, views = _opened(run)
    done = materialization.materialize(store, views, run.window, run.progress)
    rows, empty = sum(view.rows for view in done), [view.view for view in done if not view.rows]
    no_row = [f"no row in the window: {', '.join(empty)}"] if empty else []
    remarks = [remark for view in done for remark in view.remarks()]
    summary = "; ".join([f"{rows:,} keys of {len(done)} views", *no_row, *remarks])
    return MaterializeResult(
        outcome="passed" if rows else "failed",
        summary=summary,
        metrics=[
            *(FEATURE_ROWS(view.rows, view=view.view) for view in done),
            *(FEATURE_STALENESS(age, view=view.view) for view in done if (age := view.staleness_seconds) is not None),
        ],
        views=done,
    )


def verify_online(run: StepRun[NoParameters]) -> VerifyOnlineResult:
    """Read sampled keys back and compare them with what training would see at the window's end.

    Fail if more are missing or stale than features.availability allows; a value past its view's ttl counts as stale.
    Fail also if one is newer than the window and not in the offline source: another writer wrote it, and
    materialization keeps it.
    """
    availability = configuration.features_of(run.project).availability
    store, views = _opened(run)
    found = []
    for view in views:
        run.progress(f"reading back {view.name}")
        found.append(check_availability(store, view, run.window, availability.sample, run.project.hides))
    wrong = [view for view in found if _exceeds(view, availability)]
    sampled = sum(view.sampled for view in found)
    compared = (
        f"{sampled:,} sampled keys of {len(found)} views compared" if sampled else "no key in the window to look for"
    )
    return VerifyOnlineResult(
        outcome="failed" if wrong or not sampled else "passed",
        summary="; ".join(map(_describe, wrong)) or compared,
        metrics=[FEATURE_MISSING_SHARE(view.missing_share, view=view.view) for view in found],
        views=found,
    )


def _opened(run: StepRun[NoParameters]) -> tuple[OpenStore, list[Any]]:
    """Open the store and apply the repo, every time, so that a store deleted since the last run is created again."""
    store = open_store(run.project)
    store.apply()
    return store, store.views(configuration.features_of(run.project).views)


def _exceeds(view: ViewAvailability, allowed: Availability) -> bool:
    too_few, too_old = view.missing_share > allowed.max_missing_share, view.stale_share > allowed.max_stale_share
    return too_few or too_old or view.expired_share > allowed.max_stale_share or view.unsourced > 0


def _describe(view: ViewAvailability) -> str:
    return (
        f"{view.view}: of {view.sampled:,} sampled keys {view.missing:,} missing, {view.stale:,} stale, "
        f"{view.expired:,} past their ttl online and {view.unsourced:,} not from the offline source, "
        f"such as {view.examples[0]}"
    )
