"""Passwords in URIs must not reach a message, a log or a report."""

import re
from urllib.parse import unquote

# Not urlsplit: a URI it refuses is just the one that ends up in a message.
_PASSWORD = re.compile(r"://[^:@/]*:(.+)@")
_ANY_PASSWORD = re.compile(r"(://[^\s:@/'\"]*:)[^\s'\"]+(?=@)")
_SETTING = re.compile(r"(?i)\b(password|passwd|secret|token)(\s*=\s*)[^\s;&'\"]+")


def without_password(text: str, uri: str) -> str:
    """Return the text with the password of `uri`, as it stands there or percent-decoded, replaced by ***."""
    match = _PASSWORD.search(uri)
    for secret in {match[1], unquote(match[1])} if match else ():
        text = text.replace(secret, "***")
    return text


def without_passwords(text: str) -> str:
    """Return the text with the password of every URI and `password=...` in it replaced by ***."""
    return _SETTING.sub(r"\1\2***", _ANY_PASSWORD.sub(r"\1***", text))
