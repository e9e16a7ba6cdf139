"""`attntopo components`: masks without supervision."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click import UsageError

from attntopo.analysis import LEAST_TOKENS, ComponentChoice, ComponentError, label_map
from attntopo.cli.attending import (
    Attended,
    HeadPlace,
    HeadRun,
    ModelRun,
    describe_photos,
    each_photo,
)
from attntopo.cli.examples import shell_examples
from attntopo.cli.failures import Failures
from attntopo.cli.options import (
    SCALE,
    SHARE,
    distance_options,
    head_options,
    json_option,
    model_options,
    out_options,
    photos_argument,
)
from attntopo.cli.sources import Source, sources_of
from attntopo.cli.writing import check_free, json_text, put_json, write_file
from attntopo.exports import coco_dataset, labels_png, photo_annotations
from attntopo.links import scale_text
from attntopo.wording import counted

COCO_NAME = "components.json"
"""What the file with all annotations is called."""


@click.command(
    "components",
    epilog=shell_examples(
        "attntopo components *.jpg --out masks",
        "attntopo components sample:coffee --out masks --layer 10 --head 0 --scale 0.21",
        "find . -name '*.jpg' | attntopo components - --out masks --lifetime",
    ),
)
@photos_argument()
@out_options("The folder for the masks.", required=True, metavar="FOLDER")
@click.option("--scale", type=SCALE, metavar="NUMBER", help="Components at this scale.")
@click.option(
    "--share",
    type=SHARE,
    metavar="PERCENT",
    help="Components where so many of the photo's merges have happened; 90 by default.",
)
@click.option("--lifetime", is_flag=True, help="Components that last longest, without a scale.")
@click.option(
    "--least-tokens",
    type=click.IntRange(min=1),
    default=LEAST_TOKENS,
    show_default=True,
    help="Leave out components of fewer tokens.",
)
@head_options()
@model_options
@distance_options
@json_option
def components_command(
    photos: Sequence[str],
    out: Path,
    overwrite: bool,
    scale: float | None,
    share: float | None,
    lifetime: bool,
    least_tokens: int,
    place: HeadPlace,
    run: ModelRun,
    distance: str,
    tokens: str,
    as_json: bool,
) -> int:
    """Write the components of a head as masks on each photo.

    Into the folder goes a PNG for each photo, whose pixel values are 0 for none and 1, 2, … for the
    components by size, and components.json in the form of COCO's instance annotations. Masks have
    the size of the photo, scaled down to 1024 pixels a side where it is larger. Nobody has taught
    a model these masks: the app's page What holds says how often they are objects.
    """
    try:
        choice = ComponentChoice(scale, share, lifetime, least_tokens)
    except ComponentError as error:
        raise UsageError(str(error)) from error
    sources = sources_of(photos)
    paths = _mask_paths(sources, out)
    check_free(sources, [*paths.values(), out / COCO_NAME], overwrite)
    failures = Failures()
    done: list[HeadRun] = []
    annotated: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []

    def work(source: Source) -> tuple[HeadRun, dict[str, Any], list[dict[str, Any]]]:
        attended = run.attend(source, place)
        return attended.ran, *_write_mask(attended, distance, tokens, choice, paths[source])

    for ran, said, annotations in each_photo(sources, work, failures, says_each=not as_json):
        done.append(ran)
        annotated.append((said, annotations))
        if not as_json:
            click.echo(_line(said, out))
    if annotated:
        _say_what_is_left_out(out, {said["mask"] for said, _ in annotated})
        about = describe_photos(done, run, distance, tokens, **choice.about())
        write_file(out / COCO_NAME, json_text(coco_dataset(about, annotated)))
    if as_json:
        photos_said = [image for image, _ in annotated]
        put_json({"photos": photos_said, "errors": failures.as_json()})
    return failures.status


def _say_what_is_left_out(out: Path, masks: set[str]) -> None:
    """Say it where masks of an earlier call will be in the folder and in the JSON no more."""
    others = [path for path in out.glob("*.png") if path.name not in masks]
    if others and (out / COCO_NAME).exists():
        click.echo(
            f"{COCO_NAME} lists the photos of this call alone; {out} holds "
            f"{counted(len(others), 'PNG')} besides.",
            err=True,
        )


def _mask_paths(sources: Sequence[Source], out: Path) -> dict[Source, Path]:
    """Return where each photo's mask goes; two photos with one place are refused."""
    paths: dict[Source, Path] = {}
    taken: dict[Path, Source] = {}
    for source in sources:
        path = out / f"{source.stem}.png"
        if path in taken:
            raise UsageError(
                f"{taken[path].text} and {source.text} would both be written to {path}: please "
                "give them folders of their own, one after the other."
            )
        paths[source], taken[path] = path, source
    return paths


def _write_mask(
    attended: Attended, distance: str, tokens: str, choice: ComponentChoice, path: Path
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Write one photo's mask; return what is said of the photo, and its annotations."""
    ran = attended.ran
    labelled = label_map(attended.attention, ran.layer, ran.head, distance, tokens, choice)
    height, width = attended.photo.pixels.shape[:2]
    labels = labelled.on_photo(height, width)
    write_file(path, labels_png(labels))
    said = {
        "file_name": ran.source.name,
        "width": width,
        "height": height,
        "photo": ran.source.text,
        "mask": path.name,
        "layer": ran.layer,
        "head": ran.head,
        "scale": labelled.scale,
        "components": labelled.n_components,
    }
    return said, photo_annotations(labels)


def _line(said: dict[str, Any], out: Path) -> str:
    at_scale = "by lifetime" if said["scale"] is None else f"at {scale_text(said['scale'])}"
    components = counted(said["components"], "component")
    return f"{said['photo']}: {components} {at_scale}, {out / said['mask']}"
