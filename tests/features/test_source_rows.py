"""What is read of a Feast source."""

from types import SimpleNamespace

from feast import FileSource
from feast.feature_view import DUMMY_ENTITY_ID

from maestro_ml.features.source_rows import rows_of_source


def test_the_key_that_feast_makes_up_for_a_view_without_entities_is_no_column(tmp_path):
    source = FileSource(path=str(tmp_path / "a.parquet"), timestamp_field="at")
    config = SimpleNamespace(repo_path=tmp_path)
    assert rows_of_source(config, source, [DUMMY_ENTITY_ID], "at", "").keys == ()
    assert rows_of_source(config, source, ["user", "item"], "at", None).keys == ("user", "item")
