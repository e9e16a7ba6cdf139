"""The tool that decodes damaged photos finds what it is there to find."""

import os
import time

from tests.harness.photo_corpus import KINDS
from tools import fuzz_photos


def crash_and_hang(seed: int, cases: range, progress: fuzz_photos.Progress) -> None:
    """Stands for a decoder that fails as decoders written in C do."""
    for case in cases:
        progress.case.value = case
        if case == 3:
            os.abort()
        if case == 5:
            time.sleep(600)
        progress.counts[0] += 1


def test_a_crash_and_a_hang_are_found_and_the_rest_is_done(capfd):
    progress = fuzz_photos.fuzz(7, 2, 6, crash_and_hang, patience=5)
    said = capfd.readouterr().out
    assert "found: seed 7, case 3: crashes (-6)" in said
    assert "found: seed 7, case 5: hangs" in said
    assert progress.found.value == 2
    assert progress.counts[0] == 4


def test_the_command_counts_what_became_of_the_files(capfd, tmp_path):
    assert fuzz_photos.main(["--cases", "300", "--seed", "5", "--save", str(tmp_path / "a")]) == 0
    said = capfd.readouterr().out
    assert "0 findings" in said
    counts = [line.split(maxsplit=1) for line in said.splitlines()]
    assert sum(int(pair[0]) for pair in counts if pair[1] in KINDS) == 300
    assert (tmp_path / "a").read_bytes()
