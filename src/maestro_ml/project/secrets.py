"""Passwords in URIs must not reach a message, a log or a report."""

import re
from urllib.parse import unquote

# Not urlsplit: a URI it refuses is just the one that ends up in a message.
_PASSWORD = re.compile(r"://[^:@/]*:(.+)@")


def without_password(text: str, uri: str) -> str:
    """The text with the password of `uri`, as it stands there or percent-decoded, replaced by ***."""
    match = _PASSWORD.search(uri)
    for secret in {match[1], unquote(match[1])} if match else ():
        text = text.replace(secret, "***")
    return text
