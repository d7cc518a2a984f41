"""Damage to a file's bytes: what a torn upload, a bad disk or a careless tool leaves."""

from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Damage:
    """Changes to make, in order; places are shares of the file's length, so that they suit every file."""

    changes: tuple[tuple[str, float, bytes], ...] = ()

    def __call__(self, content: bytes) -> bytes:
        for kind, share, data in self.changes:
            place = int(share * len(content))
            match kind:
                case "replace":
                    content = content[:place] + data + content[place + len(data) :]
                case "insert":
                    content = content[:place] + data + content[place:]
                case "cut":
                    content = content[:place] + content[place + len(data) :]
                case "truncate":
                    content = content[:place]
                case "footer":  # where most of a Parquet file's structure is
                    place = max(len(content) - 1 - int(share * 400), 0)
                    content = content[:place] + data + content[place + len(data) :]
        return content


_KINDS = st.sampled_from(["replace", "insert", "cut", "truncate", "footer", "footer", "footer"])
_SHARES = st.floats(0, 1, exclude_max=True)
_BYTES = st.binary(min_size=1, max_size=4) | st.sampled_from([b"\x00", b"\xff", b"\x80\x80\x80\x01", b"\x7f" * 8])
DAMAGES = st.lists(st.tuples(_KINDS, _SHARES, _BYTES), min_size=1, max_size=3).map(lambda c: Damage(tuple(c)))
