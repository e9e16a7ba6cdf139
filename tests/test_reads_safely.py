"""Nothing that is read from a file can run as code; SECURITY.md says why it matters."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in ("attntopo", "pages", "tools", "benchmarks", "studies")
    for path in sorted((ROOT / folder).rglob("*.py"))
] + [ROOT / "app.py", ROOT / "run.py"]

RUNS_WHAT_IT_READS = {
    "pickle", "_pickle", "cPickle", "marshal", "shelve", "dbm", "joblib", "dill", "cloudpickle",
}  # fmt: skip


def complaints(code: str) -> list[str]:
    """What could run code out of a file that is read."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name in RUNS_WHAT_IT_READS]
        elif isinstance(node, ast.ImportFrom) and node.module in RUNS_WHAT_IT_READS:
            found.append(node.module)
        elif isinstance(node, ast.Call):
            found += _complaints_of_call(node)
    return found


def _complaints_of_call(node: ast.Call) -> list[str]:
    name = ast.unparse(node.func)
    options = {one.arg: ast.unparse(one.value) for one in node.keywords}
    found = []
    if name in ("eval", "exec", "torch.load", "read_pickle", "pd.read_pickle", "yaml.load"):
        found.append(name)
    reads_arrays = name.split(".")[0] in ("np", "numpy") and name.split(".")[-1] in (
        "load",
        "read_array",
    )
    # NumPy's own default is False; said here so that no version of it decides.
    if (reads_arrays or "allow_pickle" in options) and options.get("allow_pickle") != "False":
        found.append(f"{name} without allow_pickle=False")
    if name.endswith(".from_pretrained"):
        if options.get("trust_remote_code") != "False" or options.get("local_files_only") != "True":
            found.append(f"{name} may fetch or run code")
        if name == "AutoModel.from_pretrained" and options.get("use_safetensors") != "True":
            found.append(f"{name} may unpickle weights")
    return found


def test_nothing_that_is_read_can_run_code():
    found = {
        str(path.relative_to(ROOT)): said
        for path in SOURCES
        if (said := complaints(path.read_text("utf-8")))
    }
    # It runs the project's own pages, for those who write them; nothing that is delivered does.
    assert found == {"tools/run_document.py": ["exec"]}
    assert any("AutoModel.from_pretrained" in path.read_text("utf-8") for path in SOURCES)


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.save(path, array, allow_pickle=True)",
        "AutoConfig.from_pretrained(folder, local_files_only=True)",
        "AutoConfig.from_pretrained(folder, trust_remote_code=False)",
        "AutoModel.from_pretrained(folder, trust_remote_code=False, local_files_only=True)",
        "eval(text)",
    ],
)
def test_that_check_can_fail(code):
    assert complaints(code)
