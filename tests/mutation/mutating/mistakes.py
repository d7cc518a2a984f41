"""The kinds of mistakes: each finds, in one line of a file, what it would write instead."""

import re
from collections.abc import Callable, Iterator

Change = tuple[str, str]  # what stands in the line, what stands there afterwards
Kind = Callable[[str], Iterator[str]]

_PORTS = r"22|53|443|5000|5353|5432|5555|6379|6380|6443|6543|6566|8080|8443|8793|8794|8974|9091|9102|9125|9127|30880"


_LABELS = r"component|tier|app\.kubernetes\.io/\w+|kubernetes_pod_operator|kubernetes\.io/metadata\.name"
_NO_CODE = ("#", "{{/*", "{{- /*", "description:", "help:", '"""')


def _each(pattern: str, change: Callable[[re.Match[str]], str]) -> Kind:
    def lines(line: str) -> Iterator[str]:
        for match in re.finditer(pattern, line):
            yield line[: match.start()] + change(match) + line[match.end() :]

    return lines


def _without(line: str) -> Iterator[str]:
    """Leave out an item of a flow list, or a whole item of a block list that stands on one line."""
    if re.match(r"\s*- [^:{]*$|\s*- \{[^{}]*\}$", line) and "{{" not in line:
        yield ""
    for match in re.finditer(r"\[([^\[\]{}\"']+(?:, [^\[\]{}\"']+)+)\]", line):
        items = match.group(1).split(", ")
        for index in range(len(items)):
            left = ", ".join(items[:index] + items[index + 1 :])
            yield f"{line[: match.start(1)]}{left}{line[match.end(1) :]}"


def _other_letter(word: str) -> str:
    return word[:-1] + ("x" if word[-1] != "x" else "y")


def _swapped(pairs: dict[str, str]) -> Kind:
    # An operator stands between spaces; a word stands by itself.
    names = "|".join(sorted(map(re.escape, pairs), key=len, reverse=True))
    return _each(rf"(?<![\w=!<>|&-])({names})(?![\w=<>|&])", lambda match: pairs[match.group(1)])


YAML: dict[str, Kind] = {
    "port": _each(rf"(?<![\w.-])({_PORTS})(?![\w.-])", lambda match: str(int(match.group(1)) + 1)),
    "digit": _each(
        rf"(?<![\w.:/@-])(?<!indent )(?!(?:{_PORTS})\b)(\d+)(?=$|[,\s}}\]\"]|[a-zA-Z%]+\b)",
        lambda m: str(int(m.group(1)) * 10 + 1),
    ),
    "key": _each(r"^(?:\s*(?:- )?)([a-zA-Z][\w.-]*[a-zA-Z])(?=: |:$)", lambda m: m.group(0)[:-1] + "z"),
    "boolean": _swapped(
        {"true": "false", "false": "true", "'True'": "'False'", "'False'": "'True'", '"True"': '"False"'}
    ),
    "item": _without,
    "selector": _each(
        rf"((?<![\w/])(?:{_LABELS}): \"?)([\w-]+)",
        lambda match: match.group(1) + _other_letter(match.group(2)),
    ),
    "path": _each(r"(?<=[\s\"'=,])(/[a-z][\w.-]*(?:/[\w.-]+)*)", lambda match: _other_letter(match.group(1))),
    "secret-key": _each(
        r"(?<![\w])((?:key|Key): )([a-zA-Z][\w.-]*\w)", lambda m: m.group(1) + _other_letter(m.group(2))
    ),
    "default": _each(r" \| default (?:\((?:dict|list)\)|\"[^\"]*\"|[\w.$]+)", lambda match: ""),
    "condition": _each(r"(?<=\{\{- if )([^}]+?)(?= -?\}\})", lambda match: f"not ({match.group(1)})"),
    "word": _each(
        r"(?<=: )(?!true$|false$)([A-Z][a-zA-Z]{3,}|[a-z]{4,}(?:[-_][a-z]+)*)$",
        lambda match: _other_letter(match.group(1)),
    ),
    "name": _each(r"(?<=\{\{ \.Release\.Name \}\}-)([a-z][\w-]+)", lambda match: _other_letter(match.group(1))),
}

SCRIPT: dict[str, Kind] = {
    "digit": YAML["digit"],
    "port": YAML["port"],
    "negated": _each(
        r"(?<=^if )(?!not )([^:;]+?)(?=:$|; then)|(?<= if )(?!not |!)([^:;]+?)(?=:$|; then)",
        lambda m: f"! {m.group(0)}",
    ),
    "operator": _swapped(
        {
            "==": "!=",
            "!=": "==",
            "-n": "-z",
            "-z": "-n",
            "&&": "||",
            "||": "&&",
            "-eq": "-ne",
            "-ne": "-eq",
            "-lt": "-ge",
            "-gt": "-le",
            "<": ">=",
            ">": "<=",
            " and ": " or ",
        }
    ),
    "path": YAML["path"],
    "line": lambda line: iter(["" if re.match(r"\s*(?:rm|mv|exit|export|set|trap|sync|[\w.]+\()\b", line) else line]),
}


def mistakes(file: str, text: str) -> Iterator[tuple[str, int, str]]:
    """Yield every mistake that can be made in a file: its kind, the line's number, and the line as it would be."""
    script = file.endswith((".sh", ".py"))
    for number, line in enumerate(text.splitlines()):
        bare = line.strip()
        if not bare or bare.startswith(_NO_CODE) or "fail (" in bare:
            continue
        if ("_refuse_" in file or "_validate" in file) and not bare.startswith("{{"):  # the words of a refusal
            continue
        for kind, change in (SCRIPT if script else YAML).items():
            for changed in change(line):
                after = changed.replace("! ", "not ", 1) if kind == "negated" and file.endswith(".py") else changed
                if after != line:
                    yield kind, number, after
