"""The studies' published results -> what holds, what doesn't, and what isn't told apart."""

from attntopo.analysis.findings import all_findings
from attntopo.analysis.findings_loops import loops_section, nulls_section
from attntopo.analysis.findings_objects import (
    alike,
    components_section,
    main_row,
    scales_section,
)
from attntopo.analysis.findings_photos import photos_section
from attntopo.analysis.findings_text import (
    SETS,
    Findings,
    Results,
    Section,
    interval_text,
    joined,
    model_label,
    size_text,
)
from attntopo.wording import counted


def findings_sections(findings: Findings | None = None) -> list[Section]:
    """Say what the studies found: what holds first, then what doesn't, and what isn't told apart.

    Parameters
    ----------
    findings : dict of str to list of dict, optional
        As `all_findings` returns, and by default what lies in the package. Studies that aren't
        there are left out.

    Returns
    -------
    list of Section
        Titles, words, tables and figures are all made from the results.

    Raises
    ------
    ValueError
        If results of the study of objects lack the row that all others are held against.
    """
    findings = all_findings() if findings is None else findings
    objects, loops = findings.get("objects", []), findings.get("loops", [])
    sections = [components_section(one) for one in objects]
    sections += [scales_section(one) for one in objects]
    sections += [loops_section(one, objects) for one in loops]
    sections += [nulls_section(one) for one in loops]
    sections += [photos_section(one) for one in findings.get("photos", [])]
    if objects:
        sections.append(_not_told_apart(objects))
    return [*sections, _extent(findings)]


def _not_told_apart(objects: list[Results]) -> Section:
    words = []
    for results in objects:
        for key, rows in results["rows"].items():
            others = alike(results, rows)
            if others:
                score = interval_text(main_row(results, rows))
                words.append(
                    f"**{model_label(results)}, {SETS[key]}**: components ({score}) aren't told "
                    f"apart from {joined(others)}."
                )
    words.append(
        "Two results are told apart where their 95 % intervals don't overlap, a difference where "
        "its interval leaves out 0. Not told apart isn't the same: more photos might tell."
    )
    return Section("What isn't told apart", tuple(words))


def _extent(findings: Findings) -> Section:
    sizes = []
    for one in findings.get("objects", []):
        sets = [f"{SETS[key]}: {size_text(rows[0])}" for key, rows in one["rows"].items()]
        sizes.append(f"**{model_label(one)}**: {'; '.join(sets)}.")
    models = {one["settings"]["model"] for each in findings.values() for one in each}
    commands = [
        f"- `python -m studies.{study}`: {'; '.join(_run(one) for one in each)}"
        for study, each in findings.items()
    ]
    words = [
        *sizes,
        f"That is {counted(len(models), 'model')} and few photos. Composites are made of a few "
        "objects and backgrounds, which recur; a pasted object's edge may be easier to find than "
        "a real one. Outlines were drawn by hand. There is one distance (Jensen–Shannon), patches "
        "are the points, and the input is the model's own.",
        "Intervals are bootstrap intervals of 95 %, photos resampled. What was chosen was chosen "
        "on other photos than those scored.",
        "To repeat it, in a clone of the repository with its environment:\n\n"
        + "\n".join(commands),
    ]
    return Section("How much was looked at, and how to repeat it", tuple(words))


def _run(results: Results) -> str:
    settings, versions = results["settings"], results["versions"]
    commit = f" at {settings['commit'][:12]}" if settings["commit"] else ""
    of = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{model_label(results)} (`--model {settings['model']}`{commit}; {of})"
