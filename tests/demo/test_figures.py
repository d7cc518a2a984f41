"""Sections of the proof: each run replaces its own and nothing else."""

from pathlib import Path

from maestro_ml.demo.figures import write_section


def test_a_section_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "proof.md"
    write_section(file, "one", "1")
    write_section(file, "two", r"2 \1")
    write_section(file, "one", "changed")
    text = file.read_text()
    assert text.startswith("# Proof")
    assert "changed" in text
    assert r"2 \1" in text
    assert text.count("<!-- one: begin -->") == 1
    assert text.index("one: begin") < text.index("two: begin")
