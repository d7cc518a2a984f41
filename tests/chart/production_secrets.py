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
