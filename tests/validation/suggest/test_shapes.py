import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.sql.portable_regex import translated
from maestro_ml.validation.suggest.shapes import shape_of


@pytest.mark.parametrize(
    ("texts", "shape"),
    [
        (["AA", "UA", "9E"], "[0-9A-Z]{2}"),
        (["DE", "FR", "US"], "[A-Z]{2}"),
        (["AA1", "UA2013"], r"[A-Z]{2}\d+"),
        (["JFK-LAX", "EWR-SFO"], "[A-Z]{3}-[A-Z]{3}"),
        (["N14228", "N719MD", "N3ALAA", "N8888"], "N[0-9A-Z]{4,5}"),
        (["2013-11-01", "2013-11-30"], r"\d{4}-\d{2}-\d{2}"),
        (["order-000012", "order-000345"], r"order-\d{6}"),
        (["user_1", "user_22"], r"user_\d+"),
        (["1.50 EUR", "20.00 EUR"], r"\d+\.\d{2} EUR"),
        (["a1b2c3d4", "0f0f0f0f", "12345678"], "[0-9a-f]{8}"),
        (["(1)", "(20)"], r"\(\d+\)"),
        (["it's 1", "it's 2"], r"it's \d"),
        (["AB", "ABCD"], "[A-Z]{2,4}"),
        (["N", "N1A"], "[0-9A-Z]{1,3}"),  # what all begin with is never the whole of one
        (["ABCD", "ABC1X"], "ABC[0-9A-Z]{1,2}"),
        (["x" * 100, "y" * 100], "[a-z]{100}"),
    ],
)
def test_codes_have_a_shape(texts, shape):
    assert shape_of(texts) == shape


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["same", "same"],
        ["alpha", "beta", "gamma"],
        ["Ada Lovelace", "Alan Turing"],
        ["a@b.com", "someone@example.com"],
        ["AA", ""],
        ["AA", "A-A"],
        ["Ä1", "Ä2"],
        ["1\n", "2\n"],
        ["A", "ABCDEFG"],
        ["x" * 101, "y" * 101],
        ["alone-1"],
        ["AB", "ABCDE"],
        ["ab", "abcd"],
        ["A1", "1ABCDE"],
    ],
)
def test_words_and_mixtures_have_none(texts):
    assert shape_of(texts) is None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text(st.characters(max_codepoint=127), max_size=6), min_size=1, max_size=6)
    | st.from_regex(r"[A-Za-z0-9 .+*${}'\\-]{1,6}", fullmatch=True).flatmap(
        lambda text: st.lists(st.permutations(text).map("".join), min_size=1, max_size=6)
    )
    | st.lists(st.from_regex(r"[A-F0-9]{2,3}[-.\\][0-9]{1,3}", fullmatch=True), min_size=1, max_size=6)
)
def test_a_shape_fits_every_text_in_any_order_and_every_engine_knows_it(texts):
    shape = shape_of(texts)
    shuffled = random.Random(0).sample(texts, len(texts))
    assert shape_of(shuffled) == shape
    if shape is not None:
        for pattern in (shape, translated(shape, r"\z").replace(r"\z", r"\Z")):
            assert all(re.fullmatch(pattern, text, re.ASCII) for text in texts)
