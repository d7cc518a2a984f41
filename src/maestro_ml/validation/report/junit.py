"""The findings as JUnit XML, the form every CI system shows."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from maestro_ml.core.directions import with_visible_directions
from maestro_ml.core.findings import Finding
from maestro_ml.validation.report.model import Report

# What XML 1.0 has no way to write, escaped or not (https://www.w3.org/TR/xml/#charsets).
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(*reports: Report) -> str:
    """Write a suite for each stage of each report, and a case for each finding; UTF-8.

    A violated error is a failure. A violated warning is skipped with its message, because JUnit has no warnings and the
    verdict `warn` fails nothing.
    """
    name = _plain(f"maestro validate {' '.join(report.dataset for report in reports)}")
    together = [finding for report in reports for finding in report.findings]
    root = ElementTree.Element("testsuites", {"name": name, **_counts(together)})
    for report in reports:
        for stage in report.stages:
            findings = [f for f in report.findings if f.stage == stage]
            about = {"name": _plain(f"{report.dataset}.{stage}"), "timestamp": f"{report.created:%Y-%m-%dT%H:%M:%S}"}
            suite = ElementTree.SubElement(root, "testsuite", about | _counts(findings))
            for finding in findings:
                _case(suite, report.dataset, finding)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document.decode()


def _case(suite: ElementTree.Element, dataset: str, finding: Finding) -> None:
    name = f"{finding.check}[{finding.column}]" if finding.column else finding.check
    case = ElementTree.SubElement(
        suite, "testcase", classname=_plain(f"{dataset}.{finding.stage}"), name=_plain(name), time="0"
    )
    message = _plain(str(finding))
    if not finding.violated:
        return
    if finding.severity == "error":
        ElementTree.SubElement(case, "failure", message=message, type=finding.check).text = message
    else:
        ElementTree.SubElement(case, "skipped", message=f"warning: {message}")


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    violated = [f for f in findings if f.violated]
    failures = sum(f.severity == "error" for f in violated)
    counts = {"tests": len(findings), "failures": failures, "errors": 0, "skipped": len(violated) - failures}
    return {name: str(count) for name, count in counts.items()}


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", with_visible_directions(text))
