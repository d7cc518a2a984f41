"""The mistakes that are made in the chart are the ones people make, one at a time."""

import pytest
from mutating.__main__ import every_mutant, sample
from mutating.mistakes import mistakes


def made(file: str, line: str, kind: str) -> list[str]:
    return [after for found, _, after in mistakes(file, line) if found == kind]


@pytest.mark.parametrize(
    ("line", "kind", "after"),
    [
        ("- {protocol: TCP, port: 5432}", "port", ["- {protocol: TCP, port: 5433}"]),
        ("  failureThreshold: 3", "digit", ["  failureThreshold: 31"]),
        ("resources: {}", "key", ["resourcez: {}"]),
        ("readOnly: true", "boolean", ["readOnly: false"]),
        ("verbs: [get, list]", "item", ["verbs: [list]", "verbs: [get]"]),
        ("component: scheduler", "selector", ["component: schedulex"]),
        ("mountPath: /tmp", "path", ["mountPath: /tmx"]),
        ("{key: fernet-key}", "secret-key", ["{key: fernet-kex}"]),
        ("{{ .Values.a | default dict }}", "default", ["{{ .Values.a }}"]),
        ("{{- if .Values.a }}", "condition", ["{{- if not (.Values.a) }}"]),
        ("pathType: Prefix", "word", ["pathType: Prefiy"]),
    ],
)
def test_a_line_of_a_template_is_changed_in_one_place(line, kind, after):
    assert made("a.yaml", line, kind) == after


def test_a_condition_of_a_script_is_negated():
    assert made("a.sh", 'if test "$a"; then', "negated") == ['if ! test "$a"; then']
    assert made("a.py", "    if found:", "negated") == ["    if not found:"]
    assert made("a.sh", "[ -n $a ] && exit 1", "operator") == ["[ -z $a ] && exit 1", "[ -n $a ] || exit 1"]


@pytest.mark.parametrize("line", ["# port: 5432", "{{/* if .Values.a */}}", "", '{{- fail (printf "port: 5432") -}}'])
def test_comments_and_messages_are_left_alone(line):
    assert list(mistakes("a.yaml", line)) == []


def test_the_sample_takes_every_kind_in_turn_and_is_the_same_for_one_seed():
    mutants = list(every_mutant(set()))
    assert len(mutants) > 1000
    kinds = {mutant.kind for mutant in mutants}
    first = [mutant for mutant, _ in zip(sample(mutants, 7), kinds, strict=False)]
    assert {mutant.kind for mutant in first} == kinds
    assert first == [mutant for mutant, _ in zip(sample(mutants, 7), kinds, strict=False)]


def test_a_mistake_that_is_known_to_change_nothing_is_left_out():
    one = next(every_mutant(set()))
    known = {(one.file, one.before.strip(), one.after.strip())}
    assert one not in list(every_mutant(known))
