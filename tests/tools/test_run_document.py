"""The worked example: its code runs, and what it says of a hundred photos is what they printed."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.run_document import Block, blocks, filled, outputs, pictures, printed, stamp_in, stamp_of

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT = (DOCS / "hundred-photos.md").read_text("utf-8")
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def on_few_photos(document: str) -> list[Block]:
    """The blocks, for two squares of each of two photos, in one process."""
    changes = {
        "each = 10\n": "each = 2\n",
        "attntopo run features": "attntopo run features --workers 1",
    }
    names = re.findall(r"^names \+?= \[.*\]$", document, flags=re.MULTILINE)
    changes |= dict(zip(names, ['names = ["coffee"]', 'names += ["brick"]'], strict=True))
    for old, new in changes.items():
        assert old in document
        document = document.replace(old, new)
    return blocks(document)


def test_the_example_runs_and_prints_lines_as_the_document_has_them(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    code = on_few_photos(DOCUMENT)
    told = [text for one, text in zip(code, outputs(code, tmp_path), strict=True) if one.printed]
    assert f"{4 * 72} rows of 4 photos" in told[0]
    assert "equal but for the last digits: True" in told[1]

    def words(text: str) -> str:
        return " ".join(NUMBER.sub("", re.sub(r"\w+-\d\d", "", text)).split())

    assert [words(text) for text in told] == [words(text) for text in printed(DOCUMENT)]
    (name,) = pictures(DOCUMENT)
    drawn, shown = Image.open(tmp_path / name), Image.open(DOCS / name)
    assert drawn.size == shown.size
    assert np.asarray(shown.convert("L")).std() > 10


def test_what_is_printed_there_was_printed_by_this_code():
    assert stamp_in(DOCUMENT) == stamp_of(DOCUMENT), (
        "run `python -m tools.run_document docs/hundred-photos.md`"
    )


def test_what_is_said_of_the_hundred_photos_is_what_was_printed():
    table, contrast = printed(DOCUMENT)[2].rsplit("contrast", 1)
    layers, medians, between = np.array([NUMBER.findall(line) for line in table.splitlines()[1:]]).T
    assert f"layer {layers[medians.astype(float).argmax()]}," in " ".join(DOCUMENT.split())
    lengths, shares = medians.astype(float), between.astype(float)
    assert lengths[[0, -1]].max() < lengths[1:-1].min()  # small in the first layer and in the last
    (of_contrast,) = NUMBER.findall(contrast)
    assert 5 * 9 / 99 < shares.min() <= shares.max() < float(of_contrast)


# --- the tool ---------------------------------------------------------------------------------

SMALL = """# Small

```python
from pathlib import Path
number = 6
Path("picture.png").write_bytes(b"")
print(number * 7)
```

```text
something else
```

```sh
ls
```

```python
print(number)
```

```text
```

![a picture](picture.png)
"""


def test_outputs_go_where_they_belong_and_nothing_else_changes(tmp_path):
    told = list(outputs(blocks(SMALL), tmp_path))
    assert told == ["42\n", "picture.png\n", "6\n"]
    document = filled(SMALL, told)
    assert printed(document) == ["42\n", "6\n"]
    assert [one.code for one in blocks(document)] == [one.code for one in blocks(SMALL)]
    assert pictures(document) == ["picture.png"]
    assert filled(document, told) == document


def test_changed_code_is_noticed():
    document = filled(SMALL, ["42\n", "", "6\n"])
    assert stamp_in(SMALL) is None
    assert stamp_in(document) == stamp_of(document)
    assert stamp_in(document) != stamp_of(document.replace("number = 6", "number = 7"))
    prose = document.replace("# Small", "# Smaller")
    assert stamp_in(prose) == stamp_of(prose)


@pytest.mark.skipif(shutil.which("bash") is None, reason="blocks of sh are run by bash")
def test_a_command_that_fails_ends_it(tmp_path):
    from subprocess import CalledProcessError

    with pytest.raises(CalledProcessError):
        list(outputs([Block("sh", "false\necho on\n", None)], tmp_path))
