"""What a forge and pre-commit read: it has the form they want, and says what the project does."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
FORGE = ROOT / ".github"
WORKFLOWS = sorted((FORGE / "workflows").glob("*.yml"))
FORMS = [path for path in (FORGE / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]


def answer(*command: object) -> tuple[int, str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def checked(kind: str, *files: Path) -> tuple[int, str]:
    """Against the schema of the forge's makers, which lies in the package."""
    return answer(BIN / "check-jsonschema", "--builtin-schema", f"vendor.github-{kind}", *files)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def steps(workflow: str, job: str) -> list[str]:
    """The commands of a job, in order."""
    jobs = yaml.safe_load(read(f".github/workflows/{workflow}.yml"))["jobs"]
    return [step["run"] for step in jobs[job]["steps"] if "run" in step]


def checks_of_ci() -> list[str]:
    """The linters, as `.ci/run` runs them."""
    script = read(".ci/run")
    (scripts,) = re.findall(r'^scripts="(.*)"$', script, flags=re.MULTILINE)
    (loop,) = re.findall(r"^for check in (.*?); do$", script, flags=re.MULTILINE | re.DOTALL)
    return [one.replace("$scripts", scripts) for one in shlex.split(loop.replace("\\\n", ""))]


def test_workflows_and_forms_have_the_form_that_their_schemas_want():
    assert WORKFLOWS
    assert FORMS
    assert checked("workflows", *WORKFLOWS)[0] == 0
    assert checked("issue-forms", *FORMS)[0] == 0


@pytest.mark.parametrize(
    ("kind", "path", "right", "wrong"),
    [
        ("workflows", WORKFLOWS[0], "runs-on:", "runs-at:"),
        ("issue-forms", FORMS[0], "type: textarea", "type: area"),
    ],
)
def test_a_wrong_word_in_them_is_noticed(kind, path, right, wrong, tmp_path):
    text = path.read_text("utf-8")
    assert right in text
    (tmp_path / "wrong.yml").write_text(text.replace(right, wrong), "utf-8")
    assert checked(kind, tmp_path / "wrong.yml")[0] == 1


def test_pre_commit_reads_its_configuration_and_checks_what_ci_does():
    assert answer(BIN / "pre-commit", "validate-config", ROOT / ".pre-commit-config.yaml")[0] == 0
    (own,) = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [hook["entry"] for hook in own["hooks"]] == checks_of_ci()


def test_the_linters_are_those_of_ci():
    prepare, path, *linters, audit = steps("checks", "linters")
    assert prepare in read(".ci/run")
    assert audit.split()[-1] in read(".ci/run")
    assert ".venv/bin" in path
    assert linters == checks_of_ci()
    assert len(linters) >= 6


def test_pythons_are_those_of_the_project():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    classified = [
        line.rpartition(" ")[2] for line in project["classifiers"] if re.search(r":: 3\.\d+$", line)
    ]
    jobs = yaml.safe_load(read(".github/workflows/checks.yml"))["jobs"]
    assert jobs["tests"]["strategy"]["matrix"]["python-version"] == classified
    named = re.findall(r'python-version: "(.*?)"', "".join(path.read_text() for path in WORKFLOWS))
    assert set(named) <= set(classified)


def test_what_is_run_is_what_the_documents_tell():
    assert steps("checks", "tests") == ["python3 run.py test"]
    assert "\npython3 run.py test\n" in read("README.md")
    build, _healthy = steps("checks", "image")
    assert f"\n{build}\n" in read("docs/hosting.md")
    install, newest, test = steps("nightly", "tests")
    assert (install, test) == ("python3 run.py install", "python3 run.py test")
    assert f"`{newest.removeprefix('.venv/bin/')}`" in read("CONTRIBUTING.md")
    (requirement,) = re.findall(r"^streamlit\S+", read("requirements.txt"), flags=re.MULTILINE)
    assert ",<" in requirement  # or there would be nothing newer to try
