"""Paths and addresses that begin with somebody's home are refused where they stand."""

import pytest

CHANGES = [
    ("path: orders.parquet", "path: ~/orders.parquet", 5, "datasets.orders.source.path"),
    ("path: orders.parquet", "path: '~'", 5, "datasets.orders.source.path"),
    ("path: orders.parquet", "path: ~anna/orders.parquet", 5, "datasets.orders.source.path"),
    ("path: orders.parquet", "path: 'file:///~/orders.parquet'", 5, "datasets.orders.source.path"),
    (
        "{kind: parquet, path: orders.parquet}",
        "{kind: sql, url: 'sqlite:///~/shop.db', table: t}",
        5,
        "datasets.orders.source.url",
    ),
    ("{kind: previous}", "{kind: snapshot, path: ~/old.parquet}", 16, "datasets.orders.reference.path"),
    ("features: {}", "features: {repo: ~/repo}", 18, "features.repo"),
    ("name: shop", "name: shop\nstore: ~/runs", 3, "store"),
    ("name: shop", "name: shop\ndata: ~/data", 3, "data"),
    ("name: shop", "name: shop\ntracking: {uri: 'sqlite:///~/mlflow.db'}", 3, "tracking.uri"),
]


@pytest.mark.parametrize(("before", "after", "line", "key"), CHANGES)
def test_a_home_is_refused_with_what_to_write(expect_one_problem, before, after, line, key):
    expect_one_problem(before, after, line, key, ["~ is a different folder for each person", "${env:HOME}/..."])


@pytest.mark.parametrize("path", ["~orders.parquet", "orders~.parquet", "a/~/orders.parquet", "https://x.org/~anna/o"])
def test_another_tilde_is_part_of_a_name(load, valid, path):
    project = load(valid.replace("orders.parquet", path))
    assert project.datasets["orders"].source.path == path


def test_the_home_can_be_taken_from_the_environment(load, valid):
    project = load(valid.replace("orders.parquet", "'${env:HOME}/orders.parquet'"), HOME="/home/anna")
    assert project.datasets["orders"].source.path == "/home/anna/orders.parquet"
