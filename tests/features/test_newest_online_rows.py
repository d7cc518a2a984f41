"""What is written online: never an older value over a newer one, none past its ttl, none without a key."""

from datetime import timedelta

from online_rows import available, day, filled, online, stats, store_of


def test_an_older_window_made_again_leaves_newer_values_online(project, online_store):
    stats(project, [("a", day(1), 1.0, 10), ("b", day(1), 1.0, 11), ("a", day(8), 2.0, 20)])
    store = store_of(project, online_store=online_store)
    filled(store, day(9))

    older = filled(store, day(2))

    assert online(store, "a", "b") == [20, 11]
    assert (older.rows, older.kept) == (2, 1)
    assert older.remarks() == ["driver_stats: 1 of 2 keys have a newer value online, which stays"]
    assert (available(store, day(2)).missing, available(store, day(2)).stale) == (0, 0)


def test_a_corrected_value_of_the_same_time_replaces_the_one_online(project, online_store):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project, online_store=online_store)
    filled(store, day(2))
    stats(project, [("a", day(1), 1.0, 11)])

    filled(store, day(2))

    assert online(store, "a") == [11]


def test_a_newer_value_replaces_the_one_online_to_the_hour(project, online_store):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project, online_store=online_store)
    filled(store, day(1.01))
    stats(project, [("a", day(1), 1.0, 10), ("a", day(1) + timedelta(hours=1), None, None)])

    assert filled(store, day(2)).kept == 0
    assert online(store, "a") == [None]
    assert available(store, day(2)).stale == 0


def test_a_value_past_its_ttl_does_not_go_online_and_leaves_it(project, online_store):
    stats(project, [("a", day(1), 1.0, 10), ("b", day(1), 1.0, 11), ("b", day(6), 2.0, 21)])
    store = store_of(project, online_store=online_store)
    filled(store, day(2))
    assert online(store, "a") == [10]

    later = filled(store, day(7))

    assert online(store, "a", "b") == [None, 21]
    assert (later.rows, later.expired) == (2, 1)
    assert later.remarks() == ["driver_stats: 1 of 2 keys have only values past the view's ttl, which do not go online"]
    found = available(store, day(7))
    assert (found.sampled, found.missing, found.stale, found.expired) == (2, 0, 0, 0)


def test_a_value_whose_last_row_left_the_window_is_cleared_when_its_ttl_runs_out(project, online_store):
    rows = [("a", day(1), 1.0, 10), ("b", day(1), 1.0, 11), ("a", day(2.5), 2.0, 12), (None, day(1), 1.0, 0)]
    stats(project, [*rows, *[("c", day(n), 1.0, n) for n in range(1, 6)]])

    def ran(number):
        """Run each as a step of its own, which finds in the registry what was run before."""
        view = filled(store_of(project, online_store=online_store), day(number) + timedelta(hours=1), length=1)
        return view.cleared

    assert [ran(number) for number in (1, 3, 4)] == [0, 0, 1]
    store = store_of(project, online_store=online_store)
    assert online(store, "a", "b", "c") == [12, None, 4]

    # an older window made again brings it back, the next run clears it again
    assert [ran(number) for number in (1, 5)] == [0, 1]
    assert online(store, "a", "b", "c") == [12, None, 5]


def test_a_run_without_rows_clears_nothing(project):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project)
    filled(store, day(2))

    assert filled(store_of(project), day(300)).rows == 0
    assert online(store, "a") == [10]


def test_a_value_as_old_as_the_ttl_at_the_windows_end_is_online(project):
    stats(project, [("a", day(1), 1.0, 10), ("b", day(1) - timedelta(microseconds=1), 1.0, 10)])
    store = store_of(project)

    assert filled(store, day(4)).expired == 1
    assert online(store, "a", "b") == [10, None]


def test_a_value_past_its_ttl_that_somebody_else_left_online_is_found(project):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project)
    filled(store, day(2))

    found = available(store, day(7))

    assert (found.expired, found.expired_share, found.stale) == (1, 1.0, 0)
    assert found.examples == ["driver=a: rating of 2024-03-02T00:00:00+00:00 is past the view's ttl, but still online"]


def test_rows_without_a_key_are_counted_and_left_out(project, online_store):
    stats(project, [(None, day(1), 1.0, 1), ("a", day(1), 1.0, 2), (None, day(1.5), 1.0, 3), ("b", day(1), 1.0, 4)])
    store = store_of(project, online_store=online_store)

    view = filled(store, day(2))

    assert online(store, "a", "b") == [2, 4]
    assert (view.rows, view.keyless) == (2, 2)
    assert view.remarks() == ["driver_stats: 2 rows without driver left out"]
    assert (available(store, day(2)).sampled, available(store, day(2)).missing) == (2, 0)


def test_a_window_of_rows_without_a_key_writes_nothing(project):
    stats(project, [(None, day(1), 1.0, 1)])
    view = filled(store_of(project), day(2))

    assert (view.rows, view.keyless, view.staleness_seconds) == (0, 1, None)


def test_an_empty_text_is_a_key_like_any_other(project):
    stats(project, [("", day(1), 1.0, 1), ("a", day(1), 1.0, 2)])
    store = store_of(project)

    assert filled(store, day(2)).keyless == 0
    assert online(store, "") == [1]
