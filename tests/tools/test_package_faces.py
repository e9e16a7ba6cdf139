"""The API pages: all that packages hand on is on them, and they build without a warning."""

import importlib
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import attntopo
from tools.package_faces import face

ROOT = Path(__file__).parents[2]
BUILD = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", "docs"]
OF_THE_APP = {"cli", "ui"}
"""What is used from a shell or a browser: `attntopo COMMAND --help` describes the one."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    """The pages, built as CONTRIBUTING says, elsewhere."""
    folder = tmp_path_factory.mktemp("pages")
    built = subprocess.run([*BUILD, ".", folder], cwd=ROOT, capture_output=True, text=True)
    assert (built.returncode, built.stderr) == (0, "")
    return folder


def documented_names(folder: Path) -> set[str]:
    """All Python names that the built pages have an anchor for, as other projects would link."""
    content = (folder / "objects.inv").read_bytes()
    _, _, _, _, packed = content.split(b"\n", 4)
    entries = zlib.decompress(packed).decode().splitlines()
    return {line.split()[0] for line in entries if line.split()[1].startswith("py:")}


def handed_on(package: str) -> set[str]:
    """Read off what is there at run time, not off the source."""
    module = importlib.import_module(package)
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not hasattr(value, "__path__")
        if not hasattr(value, "__spec__")
    }


def test_all_that_packages_hand_on_is_documented_once(pages):
    names = documented_names(pages)
    front = set(attntopo.__all__)
    assert {f"attntopo.{name}" for name in front} <= names
    packages = {path.parent.name for path in (ROOT / "attntopo").glob("*/__init__.py")}
    for package in packages - OF_THE_APP:
        own = handed_on(f"attntopo.{package}")
        if not own:
            continue
        on_the_front = {one.name for one in face("attntopo") if one.source == f"attntopo.{package}"}
        documented = {name for name in own if f"attntopo.{package}.{name}" in names}
        assert documented == own - on_the_front, package
        assert on_the_front <= front
        page = (pages / f"docs/api/{package}.html").read_text("utf-8")
        assert all(f'href="attntopo.html#attntopo.{name}"' in page for name in on_the_front)


def entry(page: str, name: str) -> str:
    """What the page says of one name, without its tags."""
    return re.sub("<[^>]*>", "", page.partition(f'id="{name}"')[2].partition('<dt class="sig')[0])


def test_entries_have_what_the_docstrings_say(pages):
    front = (pages / "docs/api/attntopo.html").read_text("utf-8")
    assert "The row distances by name" in entry(front, "attntopo.DISTANCES")
    loop = entry(front, "attntopo.longest_loop")
    assert loop.index("Parameters") < loop.index("Returns") < loop.index("no bar")
    models = (pages / "docs/api/models.html").read_text("utf-8")
    tokens = entry(models, "attntopo.models.MOST_TOKENS")
    assert "= 1370" in tokens
    assert "Most tokens that an input may make" in tokens


def test_a_type_is_a_link_to_where_it_is_handed_on(pages):
    page = (pages / "docs/api/topology.html").read_text("utf-8")
    signature = page.partition('id="attntopo.topology.find_links"')[2].partition("</dt>")[0]
    assert 'href="#attntopo.topology.EdgeLinks"' in signature


def test_a_warning_ends_the_build(tmp_path):
    """The settings that `.ci/run` builds with can fail."""
    (tmp_path / "index.md").write_text("# Pages\n\n[nowhere](nowhere.md)\n")
    options = ["-C", "-D", "extensions=myst_parser", "-D", "root_doc=index"]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-q", *options, tmp_path, tmp_path / "out"],
        capture_output=True,
        text=True,
    )
    assert built.returncode != 0
    assert "nowhere" in built.stderr
