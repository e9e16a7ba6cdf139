"""Ask whether a known vulnerability is in what the app runs on: `python -m tools.audit`.

pip-audit asks PyPI about the packages that requirements.txt brings, as they are installed. A
vulnerability that a newer release fixes is a failure; one without a fix is named. Where the data
can't be had, as behind a mirror that carries packages alone, one line says so, and it's no failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
IGNORED: dict[str, str] = {}
"""Vulnerabilities that are accepted, by id, each with the reason and what will end it."""


def installed(requirements: Path) -> dict[str, str]:
    """Return what requirements bring along: names and public versions, as installed here."""
    lines = (line.partition("#")[0].strip() for line in requirements.read_text().splitlines())
    waiting = [Requirement(line) for line in lines if line and not line.startswith("-")]
    found: dict[str, str] = {}
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        try:
            here = distribution(name)
        except PackageNotFoundError:  # not for this machine
            continue
        # A build for processors only is a release like any other: 2.13.0+cpu is 2.13.0.
        found[name] = Version(here.version).public
        waiting += [Requirement(line) for line in here.requires or []]
    return found


def ask(packages: dict[str, str]) -> dict[str, Any] | None:
    """Return pip-audit's report, or None where it couldn't make one."""
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "requirements.txt"
        pinned.write_text("".join(f"{name}=={packages[name]}\n" for name in sorted(packages)))
        command = [sys.executable, "-m", "pip_audit", "-r", str(pinned), "--no-deps"]
        command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(told.stdout)
    except ValueError:  # it broke off: no network, no such service
        return None
    return report if isinstance(report, dict) else None


def judge(report: dict[str, Any] | None) -> tuple[list[str], bool]:
    """Return what to say of a report, and whether it is a failure."""
    packages = report["dependencies"] if report else []
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        return ["pip-audit: its data can't be had here, so nothing was audited."], False
    lines, failed = [], False
    for package in asked:
        for flaw in package["vulns"]:
            names = {flaw["id"], *flaw.get("aliases", [])}
            what = f"{package['name']} {package['version']}: {flaw['id']}"
            if reason := next((IGNORED[name] for name in names if name in IGNORED), None):
                lines.append(f"{what}, accepted: {reason}")
            elif flaw["fix_versions"]:
                lines.append(f"{what}, fixed in {', '.join(flaw['fix_versions'])}")
                failed = True
            else:
                lines.append(f"{what}, no fix yet")
    unknown = len(packages) - len(asked)
    skipped = f", {unknown} unknown to PyPI" if unknown else ""
    lines.append(f"pip-audit: {len(asked)} packages audited{skipped}.")
    return lines, failed


if __name__ == "__main__":
    said, bad = judge(ask(installed(ROOT / "requirements.txt")))
    print("\n".join(said))
    sys.exit(bad)
