"""Regular expressions that mean the same to every engine: RE2 (DuckDB), Java (Spark), PostgreSQL and the like.

They agree on little more than literals, classes, groups, alternatives and repetition, and not on what a dot, `\\d` or
`\\s` is: these are written out. What is left is refused. All patterns match from the first character to the last, so
that greed makes no difference.
"""

import re

_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_CONTROLS = "ntrf"
_REPEATED = re.compile(r"(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??")
_MOST = 255  # PostgreSQL repeats no more often


class UnportableRegex(ValueError):
    """The pattern could mean different things to different engines."""


def translated(pattern: str, end: str) -> str:
    """Translate a pattern for another engine, to be matched against a whole text.

    Args:
        end: what the engine's patterns have at the end of a text.

    Raises:
        UnportableRegex: it holds something that an engine lacks or understands differently.
    """
    return rf"\A(?:{''.join(_Scanner(pattern).parts())}){end}"


def check_portable_pattern(pattern: str) -> None:
    """Refuse what engines understand differently; raises UnportableRegex as `translated`."""
    translated(pattern, "")


class _Scanner:
    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    def parts(self) -> list[str]:
        parts: list[str] = []
        repeatable = False
        while self.at < len(self.pattern):
            repetition = _REPEATED.match(self.pattern, self.at)
            if repetition:
                parts.append(self._repetition(repetition, repeatable))
                repeatable = False
            else:
                part = self._atom()
                parts.append(part)
                repeatable = part not in ("", "|", "(?:")
        return parts

    def _repetition(self, found: "re.Match[str]", repeatable: bool) -> str:
        numbers = [int(number) for number in found.groups() if number]
        if not repeatable:
            raise self._refused(found.group())
        if any(number > _MOST for number in numbers):
            raise UnportableRegex(f"the pattern {self.pattern} repeats more than {_MOST} times")
        self.at = found.end()
        text = found.group()
        return text.removesuffix("?") if len(text) > 1 else text

    def _atom(self) -> str:  # noqa: PLR0911 - a table, written as one
        character = self._next()
        match character:
            case "\\":
                return self._escaped()
            case ".":
                return r"[^\n]"
            case "[":
                return self._bracket()
            case "(":
                if self.pattern.startswith("?:", self.at):
                    self.at += 2
                elif self.pattern.startswith("?", self.at):
                    raise self._refused("(?")
                return "(?:"
            case ")" | "|":
                return character
            case "^" if self.at == 1:
                return ""
            case "$" if self.at == len(self.pattern):
                return ""
            case "^" | "$":
                raise self._refused(character)
            case _:
                return self._literal(character)

    def _escaped(self) -> str:
        character = self._next()
        if character in _CLASSES:
            return f"[{_CLASSES[character]}]"
        if character.lower() in _CLASSES:
            return f"[^{_CLASSES[character.lower()]}]"
        return self._escape(character)

    def _escape(self, character: str) -> str:
        if character in _CONTROLS:
            return f"\\{character}"
        if character.isalnum() or not character.isascii():
            raise self._refused(f"\\{character}")
        return self._literal(character)

    def _bracket(self) -> str:
        parts = ["["]
        if self.pattern.startswith("^", self.at):
            self.at += 1
            parts.append("^")
        if self.pattern.startswith("]", self.at):
            raise self._refused("[]")
        while not self.pattern.startswith("]", self.at):
            low = self._member()
            ranged = self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at)
            if ranged:
                self.at += 1
                high = self._member()
                if len(low) > 2 or len(high) > 2:  # noqa: PLR2004 - more than one character, escaped
                    raise self._refused(f"{low}-{high}")
                low = f"{low}-{high}"
            parts.append(low)
        self.at += 1
        return "".join(parts) + "]"

    def _member(self) -> str:
        character = self._next()
        if character == "[" and self.pattern.startswith(":", self.at):
            raise self._refused("[:")
        if character != "\\":
            return self._literal(character)
        escaped = self._next()
        return _CLASSES[escaped] if escaped in _CLASSES else self._escape(escaped)

    def _literal(self, character: str) -> str:
        if character == "\0":
            raise self._refused("a zero byte")
        special = character.isascii() and not character.isalnum() and character.isprintable() and character != " "
        return f"\\{character}" if special else character

    def _next(self) -> str:
        if self.at == len(self.pattern):
            raise UnportableRegex(f"the pattern {self.pattern} ends in the middle")
        self.at += 1
        return self.pattern[self.at - 1]

    def _refused(self, what: str) -> UnportableRegex:
        return UnportableRegex(
            f"the pattern {self.pattern} holds {what}, which engines understand differently; use literals, classes "
            "such as [a-z], groups, alternatives and repetition"
        )
