"""Characters that turn the direction of writing, made visible: one in the data could reverse a line of output."""

_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_VISIBLE = {code: f"\\u{code:04x}" for code in _TURNING}


def with_visible_directions(text: str) -> str:
    """Return the text with an escape such as `\\u202e` in the place of each such character."""
    return text.translate(_VISIBLE)
