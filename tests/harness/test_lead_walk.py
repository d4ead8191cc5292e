"""The way of a lead stays short."""

from pathlib import Path

from tests.harness.lead_walk import report, walk_of_a_lead

MOST_FILES = 45


def test_a_lead_crosses_few_files(tmp_path: Path) -> None:
    """From the route to the settled call; who needs one more folds another into its noun."""
    walk = walk_of_a_lead(tmp_path)
    assert walk.files[0] == "intake/pipeline"
    assert {"mapping/reading", "policy/gates", "ringing/sender", "policy/outcomes"} <= {*walk.files}
    assert "settle" in {step.function for step in walk.steps}
    assert len(walk.files) <= MOST_FILES, report(walk)
