"""Stripped programs are read by their own type descriptors; where none of them can be named, the table
of the release answers alone, and everything else must be as right."""

import go_programs
from telling_programs import judge_all, without_type_names

def test_without_descriptors(release, tmp_path):
    executable = without_type_names(go_programs.build(release, "stripped"), tmp_path / "patterns")
    differences, remarks = judge_all(executable, release)
    assert not differences, "\n" + "\n".join(differences[:20])
    assert not remarks
