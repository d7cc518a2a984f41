"""The Secrets that ci/prod-secrets makes for the release of these tests."""

import functools
from importlib.machinery import SourceFileLoader

from composition import NAMESPACE, RELEASE, ROOT

prod_secrets = SourceFileLoader("prod_secrets", str(ROOT / "ci/prod-secrets")).load_module()


@functools.cache
def secrets() -> dict[str, dict[str, str]]:
    """Return each Secret by name, with its keys and values."""
    draw = prod_secrets.Draw({})
    return prod_secrets.build(draw, RELEASE, NAMESPACE, "", "", "") | prod_secrets.certificates(
        draw, RELEASE, NAMESPACE
    )


class Filled(dict):
    """Secrets of a cluster that has every one of them, with a value for every key: then nothing is made."""

    def get(self, name: str, default: object = None) -> object:
        return "x" if default is None else Filled()


def keys() -> dict[str, set[str]]:
    """Return the keys of each Secret by its name."""
    draw = prod_secrets.Draw(Filled())
    made = prod_secrets.build(draw, RELEASE, NAMESPACE, "", "", "")
    return {name: set(found) for name, found in (made | prod_secrets.certificates(draw, RELEASE, NAMESPACE)).items()}
