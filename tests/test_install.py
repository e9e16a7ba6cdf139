"""The wheel, installed where nothing else of this folder is."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterable
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from numba.core.caching import UserProvidedCacheLocator
from packaging.requirements import Requirement

import attntopo as at
from attntopo.links import View
from attntopo.ui.server.app_files import app_script
from tests.harness.browser import Server
from tests.harness.readme import EXAMPLES
from tests.harness.reference_tiles import expected_tiles
from tests.harness.visit import visit

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def listed(name: str) -> set[str]:
    """The requirements of a file, without the reasons."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return {line for line in lines if line}


def test_what_hosts_read_agrees_with_the_project():
    assert "attntopo[models]" in EXTRAS["app"]
    of_the_app = {*PROJECT["dependencies"], *EXTRAS["models"], *EXTRAS["app"]}
    assert listed("requirements.txt") == of_the_app - {"attntopo[models]"}
    extras = (*EXTRAS["s3"], *EXTRAS["studies"], *EXTRAS["runs"], *EXTRAS["docs"])
    others = {*extras} - {"attntopo[models]"}
    assert others <= listed("requirements.txt") | listed("requirements-dev.txt")


def test_the_citation_names_the_version():
    assert f"\nversion: {at.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_in_a_clone_the_app_is_the_one_at_the_root():
    assert app_script() == ROOT / "app.py"


# --- the wheel --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", folder]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", *options, ROOT], check=True)
    (path,) = folder.iterdir()
    return path


def test_the_wheel_holds_the_library_and_the_app_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"attntopo-{at.__version__}.dist-info/"
    of_the_package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "attntopo").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    of_the_app = {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    of_the_app |= {"app.py", ".streamlit/config.toml"}
    assert "attntopo/py.typed" in of_the_package
    assert {name for name in names if not name.startswith(info)} == of_the_package | {
        f"attntopo/_app/{name}" for name in of_the_app
    }
    assert f"{info}licenses/LICENSE" in names


class Environment:
    """A fresh environment with the wheel, and what the wheel asks for.

    The packages that it asks for, and theirs, are linked from where the tests run: no network is
    needed, and a package that nobody asked for isn't there.
    """

    def __init__(self, folder: Path, wheel: Path, extra: str = "", **variables: str) -> None:
        self.folder, self.elsewhere = folder, folder / "elsewhere"
        self.variables = variables
        venv.create(folder, symlinks=True)
        (self.packages,) = folder.glob("lib/python*/site-packages")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
            asked = message_from_bytes(archive.read(name)).get_all("Requires-Dist")
        for package in installed([Requirement(line) for line in asked], extra):
            self._link(package)
        options = ["--no-deps", "--no-index", "--no-compile", wheel]
        pip = [sys.executable, "-m", "pip", "--python", self.python]
        subprocess.run([*pip, "install", "-q", *options], check=True)
        self._take_compiled_kernels()
        self.elsewhere.mkdir()

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def command(self) -> Path:
        return self.folder / "bin" / "attntopo"

    def run(self, *words: str | Path) -> subprocess.CompletedProcess:
        """Run something in an empty folder, which knows nothing of this one."""
        environment = {name: one for name, one in os.environ.items() if name != "PYTHONPATH"}
        environment |= self.variables
        return subprocess.run(
            words, cwd=self.elsewhere, env=environment, capture_output=True, text=True
        )

    def _take_compiled_kernels(self) -> None:
        """Use those of this folder, of the same sources; numba names folders by where these lie."""
        named = UserProvidedCacheLocator.get_suitable_cache_subpath
        package, own = ROOT / "attntopo", self.packages / "attntopo"
        for kernels in package.glob("__pycache__/attntopo-*"):
            for folder in (path.parent for path in package.rglob("__init__.py")):
                there = own / "__pycache__" / kernels.name
                if (old := kernels / named(folder / "any.py")).exists():
                    new = named(own / folder.relative_to(package) / "any.py")
                    shutil.copytree(old, there / new)

    def _link(self, package: Distribution) -> None:
        for name in {path.parts[0] for path in package.files or ()}:
            if name not in ("..", "__pycache__") and not (self.packages / name).exists():
                (self.packages / name).symlink_to(package.locate_file(name))


def installed(wanted: Iterable[Requirement], extra: str) -> list[Distribution]:
    """The packages that requirements and their own bring, as they are installed here."""
    packages: dict[tuple[str, str], Distribution] = {}
    waiting = [(one, extra) for one in wanted]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for name in requirement.extras or {""}:
            if (requirement.name, name) not in packages:
                package = distribution(requirement.name)
                packages[requirement.name, name] = package
                waiting += [(Requirement(line), name) for line in package.requires or ()]
    return list(packages.values())


@pytest.fixture(scope="module")
def alone(wheel, tmp_path_factory) -> Environment:
    """The library without any extra."""
    return Environment(tmp_path_factory.mktemp("alone"), wheel)


@pytest.fixture(scope="module")
def with_app(wheel, tmp_path_factory) -> Environment:
    return Environment(tmp_path_factory.mktemp("app"), wheel, "app")


EXAMPLE = """
import attntopo
names = {{}}
exec({statements!r}, names)
print(attntopo.__file__, eval({expression!r}, names), sep="\\n")
"""


def check_examples(environment: Environment, codes: list[str]) -> None:
    """Run them in one fresh interpreter, each with names of its own; compare what they give."""
    script, expected = environment.elsewhere / "examples.py", []
    with script.open("w") as file:
        for code in codes:
            *statements, last = code.strip().splitlines()
            expression, value = last.split("  # ")
            file.write(EXAMPLE.format(statements="\n".join(statements), expression=expression))
            expected.append(value)
    done = environment.run(environment.python, script)
    assert done.returncode == 0, done.stderr
    places, values = done.stdout.splitlines()[::2], done.stdout.splitlines()[1::2]
    assert all(Path(place).is_relative_to(environment.packages) for place in places)
    given = zip(values, expected, strict=True)
    assert [f"{float(one):.4f}" if "." in value else one for one, value in given] == expected


def test_examples_without_a_model_need_the_library_alone(alone):
    check_examples(alone, [code for code in EXAMPLES if "load_model" not in code])


def test_examples_with_a_model_run_elsewhere(with_app):
    check_examples(with_app, [code for code in EXAMPLES if "load_model" in code])


def test_the_samples_need_the_library_alone(alone):
    code = (
        "import attntopo as at; print(sum(at.sample(name).pixels.size > 0 for name in at.SAMPLES))"
    )
    assert alone.run(alone.python, "-c", code).stdout == f"{len(at.SAMPLES)}\n"


def test_photos_are_decoded_in_a_process_of_their_own_there_too(alone):
    code = (
        "import io; from PIL import Image; from attntopo.photos import PhotoDecoder\n"
        "from pillow_heif import register_heif_opener; register_heif_opener()\n"
        "file = io.BytesIO(); Image.new('RGB', (64, 48), 'red').save(file, 'HEIF')\n"
        "with PhotoDecoder() as decoder:\n"
        "    print(decoder.decode(file.getvalue(), 'photo').pixels.shape)\n"
    )
    done = alone.run(alone.python, "-c", code)
    assert (done.stdout, done.stderr) == ("(48, 64, 3)\n", "")


@pytest.mark.parametrize(
    ("call", "extra"),
    [
        ("at.load_model()", "models"),
        ("at.load_model('google/vit-base-patch16-224')", "models"),
        ("at.describe_model('embedded')", "models"),
        ("attntopo.publishing.PhotoStore('photos', days=1, megabytes=1)", "app"),
    ],
)
def test_what_is_missing_is_one_sentence(call, extra, alone):
    done = alone.run(alone.python, "-c", f"import attntopo.publishing, attntopo as at; {call}")
    last = done.stderr.splitlines()[-1]
    assert re.match(r"attntopo\.\w+\.\w+\.\w+Error: ", last)
    assert last.endswith(f'pip install ".[{extra}]" in the clone.')


# --- the command ------------------------------------------------------------------------------


def test_the_command_says_its_version_and_what_it_can_do(alone):
    assert alone.run(alone.command, "--version").stdout == f"attntopo {at.__version__}\n"
    told = alone.run(alone.command)
    assert told.returncode == 0
    assert re.search(r"^ +app .*streamlit run", told.stdout, flags=re.MULTILINE)


@pytest.mark.parametrize("words", [["--nonsense"], ["nonsense"]])
def test_what_the_command_does_not_know_is_an_error(words, alone):
    told = alone.run(alone.command, *words)
    assert (told.returncode, told.stdout) == (2, "")
    assert "nonsense" in told.stderr


def test_the_command_needs_a_model_for_photos_alone(alone):
    told = alone.run(alone.command, "compare", "sample:ring", "sample:ring", "--head", "1")
    assert (told.returncode, told.stderr) == (0, "")
    assert re.search(r"^H1 bottleneck +0\.0000$", told.stdout, flags=re.MULTILINE)
    told = alone.run(alone.command, "compare", "sample:coffee", "sample:ring")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        'Models need packages that aren\'t installed: pip install ".[models]" in the clone.\n'
    )
    told = alone.run(alone.command, "models")
    assert told.returncode == 0
    assert told.stdout.splitlines()[1].startswith("embedded ")


def test_without_the_apps_packages_the_command_says_what_to_install(alone):
    told = alone.run(alone.command, "app")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == (
        'The app needs packages that aren\'t installed: pip install ".[app]" in the clone.\n'
    )


def test_the_app_is_told_streamlits_options(with_app):
    told = with_app.run(with_app.command, "app", "--help")
    assert told.returncode == 0
    assert "--server.port" in told.stdout


def test_the_app_opens_from_any_folder(with_app, model, monkeypatch):
    """With its configuration; settings' folders are meant from there; and no path is told."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    # A module of the folder's own isn't taken for the one of that name.
    (with_app.elsewhere / "attntopo.py").write_text("raise RuntimeError('not this one')")
    with Server(
        command=(with_app.command, "app"),
        folder=with_app.elsewhere,
        ATTNTOPO_CACHE="cache",
        ATTNTOPO_DOWNLOADS="off",
        **with_app.variables,
    ) as server:
        seen = visit(server.address)
    assert seen.tiles == expected_tiles(model, View())
    assert b"#B0306A" in seen.data  # of .streamlit/config.toml
    assert list(with_app.elsewhere.glob("cache/embedded-*"))
    assert b"app.py" in seen.data  # Streamlit names the script
    assert with_app.folder.name.encode() not in seen.data
    assert b"_app" not in seen.data
