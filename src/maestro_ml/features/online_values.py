"""Convert columns of a source to Feast's online values without loss; columns that cannot be are refused by name."""

from typing import TYPE_CHECKING, Any

from maestro_ml.project import RequestError

if TYPE_CHECKING:
    import pyarrow as pa

_INTEGERS = ("INT32", "INT64")
_KEYS = (*_INTEGERS, "STRING", "BYTES", "UNIX_TIMESTAMP")  # the types of Feast's online keys
# Above it, neighbouring integers share one float64.
EXACT_FLOAT = 2**53


def without_keyless_rows(table: "pa.Table", keys: list[str]) -> "pa.Table":
    """Drop the rows that lack a key; NaN counts as missing."""
    import pyarrow.compute as pc

    for key in keys:
        missing = pc.is_null(table[key], nan_is_null=True)
        if pc.any(missing).as_py():
            table = table.filter(pc.invert(missing))
    return table


def entity_keys(table: "pa.Table", view: Any) -> list[Any]:
    """Return the keys of rows that have all of them, as Feast's online stores take them; raise as storable() does."""
    from feast.utils import _build_entity_keys, _columns_to_proto_values

    types = {field.name: field.dtype.to_value_type() for field in view.entity_columns}
    batches = storable(table, view, with_features=False).combine_chunks().to_batches()
    return [
        key
        for batch in batches
        for key in _build_entity_keys(batch.num_rows, types, _columns_to_proto_values(batch, [*types.items()]))
    ]


def storable(table: "pa.Table", view: Any, *, with_features: bool = True) -> "pa.Table":
    """Return a feature view's columns, with non-null keys, in types that Feast turns into online values exactly.

    Raises:
        RequestError: a column's values are not what the view declares.
    """
    keys = {field.name: field.dtype.to_value_type().name for field in view.entity_columns}
    features = {field.name: field.dtype.to_value_type().name for field in view.features}
    for name, declared in (keys | (features if with_features else {})).items():
        column = _plain(table[name])
        what = f"feature view {view.name}: the column {name} of its source is {column.type}"
        converted = _key(column, declared, what) if name in keys else _feature(column, declared, what)
        table = table.set_column(table.column_names.index(name), name, converted)
    return table


def _plain(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa

    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _key(column: "pa.ChunkedArray", declared: str, what: str) -> "pa.ChunkedArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    if declared not in _KEYS:
        raise RequestError(f"{what}, declared {declared}; an entity key must be String or Int64")
    text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    if pa.types.is_floating(column.type) and pc.any(pc.greater_equal(pc.abs(column), EXACT_FLOAT)).as_py():
        raise RequestError(f"{what} and holds keys above 2^53, where several keys are one number; store it as int64")
    if (declared in _INTEGERS and text) or (declared == "STRING" and pa.types.is_floating(column.type)):
        wanted = "String" if text else "Int64"
        raise RequestError(f"{what}, but the entity declares {declared}; declare {wanted}, or store it as declared")
    return _whole_numbers(column, declared, what) if declared in _INTEGERS else column


def _feature(column: "pa.ChunkedArray", declared: str, what: str) -> "pa.ChunkedArray":
    import pyarrow as pa

    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        import pyarrow.compute as pc

        if pc.list_flatten(column).null_count:
            raise RequestError(f"{what} with nulls inside, which Feast would serve as zeros; fill them in the source")
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if declared == "STRING" and number:
        raise RequestError(f"{what}, but the view declares STRING; declare what it holds, or store it as text")
    if declared in _INTEGERS or (declared == "BOOL" and number):
        whole = _whole_numbers(column, declared, what)
        if declared == "BOOL":
            return _booleans(whole, what)
        # Feast reads columns through NumPy, where integers beside nulls are floats.
        return whole.cast(pa.decimal128(19, 0)) if whole.null_count and pa.types.is_integer(whole.type) else whole
    return column


def _booleans(numbers: "pa.ChunkedArray", what: str) -> "pa.ChunkedArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.any(pc.or_(pc.less(numbers, 0), pc.greater(numbers, 1))).as_py():
        raise RequestError(f"{what} and holds values other than 0 and 1, but the view declares BOOL; declare Int64")
    return numbers.cast(pa.bool_())


def _whole_numbers(column: "pa.ChunkedArray", declared: str, what: str) -> "pa.ChunkedArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        return column  # Feast makes it seconds
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        raise RequestError(f"{what}, but the view declares {declared}; declare String, or store it as declared")
    target = pa.int32() if declared == "INT32" else pa.int64()
    try:
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        return column.cast(target)
    except pa.ArrowInvalid as error:
        wanted = "Float64" if pa.types.is_floating(column.type) else "what it holds"
        raise RequestError(f"{what} and holds values that are not {declared}; declare {wanted}") from error
    except pa.ArrowNotImplementedError as error:
        raise RequestError(f"{what}, which is no {declared}; declare what it holds") from error
