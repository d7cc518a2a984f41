"""Passwords in URIs must not reach a message, a log or a report."""

from urllib.parse import unquote, urlsplit


def without_password(text: str, uri: str) -> str:
    """The text with the password of `uri`, as it stands there or percent-decoded, replaced by ***."""
    password = urlsplit(uri).password
    for secret in {password, unquote(password)} if password else ():
        text = text.replace(secret, "***")
    return text
