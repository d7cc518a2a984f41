"""Which expectation is translated by what, and why others are not."""

from collections.abc import Callable

from maestro_ml.importers.gx import aggregates, records, values
from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.suite import Mapped, NoCounterpart

EXPECTATIONS: dict[str, Callable[[Expectation], Mapped]] = {
    "expect_column_values_to_not_be_null": values.not_null,
    "expect_column_values_to_be_null": values.null,
    "expect_column_values_to_be_unique": values.unique,
    "expect_column_values_to_be_in_set": values.in_set,
    "expect_column_values_to_not_be_in_set": values.not_in_set,
    "expect_column_values_to_be_between": values.between,
    "expect_column_value_lengths_to_be_between": values.lengths,
    "expect_column_value_lengths_to_equal": values.length,
    "expect_column_values_to_match_regex": values.regex,
    "expect_column_values_to_not_match_regex": values.no_regex,
    "expect_column_values_to_match_regex_list": values.regexes,
    "expect_column_values_to_not_match_regex_list": values.no_regexes,
    "expect_column_values_to_match_like_pattern": values.like,
    "expect_column_values_to_not_match_like_pattern": values.not_like,
    "expect_column_values_to_match_like_pattern_list": values.likes,
    "expect_column_values_to_not_match_like_pattern_list": values.not_likes,
    "expect_column_values_to_match_strftime_format": values.date_format,
    "expect_column_values_to_be_json_parseable": values.json,
    "expect_column_values_to_be_increasing": values.increasing,
    "expect_column_values_to_be_decreasing": values.decreasing,
    "expect_column_value_z_scores_to_be_less_than": values.deviations,
    "expect_column_values_to_be_of_type": values.of_type,
    "expect_column_values_to_be_in_type_list": values.of_types,
    "expect_column_to_exist": values.exists,
    "expect_column_mean_to_be_between": aggregates.aggregate("mean"),
    "expect_column_median_to_be_between": aggregates.aggregate("median"),
    "expect_column_stdev_to_be_between": aggregates.aggregate("stddev"),
    "expect_column_min_to_be_between": aggregates.aggregate("min"),
    "expect_column_max_to_be_between": aggregates.aggregate("max"),
    "expect_column_sum_to_be_between": aggregates.total,
    "expect_column_quantile_values_to_be_between": aggregates.quantiles,
    "expect_column_unique_value_count_to_be_between": aggregates.distinct_count,
    "expect_column_proportion_of_unique_values_to_be_between": aggregates.distinct_share,
    "expect_column_distinct_values_to_be_in_set": aggregates.distinct_in,
    "expect_column_distinct_values_to_contain_set": aggregates.distinct_contain,
    "expect_column_distinct_values_to_equal_set": aggregates.distinct_equal,
    "expect_column_most_common_value_to_be_in_set": aggregates.most_common,
    "expect_table_row_count_to_be_between": aggregates.rows,
    "expect_table_row_count_to_equal": aggregates.rows_equal,
    "expect_table_column_count_to_be_between": aggregates.columns,
    "expect_table_column_count_to_equal": aggregates.columns_equal,
    "expect_table_columns_to_match_ordered_list": aggregates.columns_ordered,
    "expect_table_columns_to_match_set": aggregates.columns_set,
    "expect_column_pair_values_a_to_be_greater_than_b": records.greater,
    "expect_column_pair_values_to_be_equal": records.equal,
    "expect_column_pair_values_to_be_in_set": records.pairs_in_set,
    "expect_compound_columns_to_be_unique": records.unique_together,
    "expect_select_column_values_to_be_unique_within_record": records.unique_within,
    "expect_multicolumn_sum_to_equal": records.sum_equal,
}
_DISTRIBUTION = "a distribution is compared with the dataset's reference: see `drift`"
_REASONS = {
    "expect_column_kl_divergence_to_be_less_than": _DISTRIBUTION,
    "expect_column_chisquare_test_p_value_to_be_greater_than": _DISTRIBUTION,
    "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than": _DISTRIBUTION,
    "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than": _DISTRIBUTION,
    "expect_column_pair_cramers_phi_value_to_be_less_than": "no check measures how two columns depend on each other",
    "expect_column_values_to_be_dateutil_parseable": "`date_format` needs to know the format",
    "expect_column_values_to_match_json_schema": "`json` says that texts are JSON, and nothing of what they hold",
    "expect_table_row_count_to_equal_other_table": "declare the other table as a dataset, and add a `reconcile` check",
    "expect_query_results_to_match_comparison": "checks run no queries; `reconcile` compares two datasets",
    "unexpected_rows_expectation": "checks run no queries; `predicate` takes a condition of each row",
}


def translated(e: Expectation) -> Mapped:
    """Return what an expectation becomes.

    Raises:
        NoCounterpart: nothing; the message says why.
    """
    translate = EXPECTATIONS.get(e.type)
    if translate is None:
        reason = _REASONS.get(e.type, "it is an expectation of its own: write a check in Python (docs/extending.md)")
        raise NoCounterpart(reason)
    return translate(e)
