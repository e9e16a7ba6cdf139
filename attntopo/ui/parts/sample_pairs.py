"""What a bottleneck distance is held against: the same head over all pairs of sample photos.

What the visitors of one process ask for is computed once, by one job at a time in a thread of its
own. The pages begin jobs and look how far they are; none waits for one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

import numpy as np
import streamlit as st

from attntopo.analysis import DeathsOnDisk, deaths_of_photos, pair_distances
from attntopo.attention import Attention, AttentionError
from attntopo.distances import DistanceError
from attntopo.links import View
from attntopo.models import EMBEDDED, ONNX_SHA256, ModelError
from attntopo.photos import SAMPLES
from attntopo.settings import settings
from attntopo.ui import session
from attntopo.ui.parts import compare
from attntopo.ui.results import models, photo_inputs, steps
from attntopo.ui.runtime import shared, warm_up
from attntopo.ui.runtime.fair_queue import BACKGROUND

JobKey = tuple[str, str, str]
"""Model and commit, distance, tokens: all heads of all sample photos at once."""

_LOG = logging.getLogger(__name__)
_N_PHOTOS = len(SAMPLES)


class SamplePairsError(RuntimeError):
    """The sample photos can't be compared; the message says why in a sentence."""


class Job:
    """One computation, and how far it is.

    Attributes
    ----------
    done : int
        How many sample photos were read.
    failure : str
        Why it ended without a result, in a sentence; empty otherwise.
    """

    def __init__(self) -> None:
        self.done = 0
        self.failure = ""

    def report(self, done: int) -> None:
        """Take note of how many photos are done."""
        self.done = done


class Jobs:
    """The jobs of this process: at most one runs, the others wait for it.

    Parameters
    ----------
    work : callable
        Model id, key and job -> nothing; it keeps its result itself.
    """

    def __init__(self, work: Callable[[str, JobKey, Job], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._jobs: dict[JobKey, Job] = {}
        self._asked: set[JobKey] = set()

    def begin(self, model_id: str, key: JobKey) -> None:
        """Begin a job in the background; one that waits or runs already is left alone."""
        with self._lock:
            held = self._jobs.get(key)
            if held is not None and not held.failure:
                return
            job = self._jobs[key] = Job()
            self._asked.add(key)
        threading.Thread(target=self._run, args=(model_id, key, job), daemon=True).start()

    def find(self, key: JobKey) -> Job | None:
        """Return the job that waits, runs or has failed; None where there is none or it is done."""
        with self._lock:
            return self._jobs.get(key)

    def busy(self) -> bool:
        """Say whether any job waits or runs."""
        with self._lock:
            return any(not job.failure for job in self._jobs.values())

    def was_asked(self, key: JobKey) -> bool:
        """Say whether it was ever begun."""
        with self._lock:
            return key in self._asked

    def _run(self, model_id: str, key: JobKey, job: Job) -> None:
        try:
            with self._turn:
                self._work(model_id, key, job)
        except (SamplePairsError, ModelError, AttentionError, DistanceError) as error:
            job.failure = str(error)
        except Exception:  # nobody waits for this thread: what it can't do is said on the page
            _LOG.exception("The sample photos couldn't be compared.")
            job.failure = "The sample photos couldn't be compared."
        else:
            with self._lock:
                del self._jobs[key]


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs, one registry for all sessions."""
    return Jobs(_compute)


def line(
    view: View, sides: tuple[photo_inputs.PhotoInput, photo_inputs.PhotoInput], distance: float
) -> None:
    """Draw how large a distance is among all pairs of sample photos, or how far that is.

    Parameters
    ----------
    view : View
    sides : tuple of PhotoInput
        Nothing is drawn where attention was given, which has no sample photos, or where it isn't
        one and the same head of a model for both.
    distance : float
        H0 bottleneck distance between the sides.
    """
    if not _asks_for_one_head(view, sides):
        return
    head = steps.head_key(view, "a")
    if _pairs(head) is not None:
        _draw(view.model, head, distance)
    elif _is_coming(view.model, head):
        _watch(view.model, head, distance)
    else:
        _offer(view.model, head, distance)


def begin(view: View, sides: tuple[photo_inputs.PhotoInput, photo_inputs.PhotoInput]) -> None:
    """Begin what the line waits for; to be called when all else on the page is drawn."""
    if not _asks_for_one_head(view, sides):
        return
    head = steps.head_key(view, "a")
    failed = jobs().find(_job_key(head))  # not tried again unasked
    if failed is None and _pairs(head) is None and _is_coming(view.model, head):
        jobs().begin(view.model, _job_key(head))


def _asks_for_one_head(
    view: View, sides: tuple[photo_inputs.PhotoInput, photo_inputs.PhotoInput]
) -> bool:
    one = not view.b_has_own_head and isinstance(view.head, int)
    return one and not any(side.given for side in sides)


def _job_key(head: steps.HeadKey) -> JobKey:
    model_key, _layer, _head, distance, tokens = head
    return model_key, distance, tokens


def _deaths_key(key: JobKey) -> tuple[str, ...]:
    return ("sample deaths", "", *key)


def _is_coming(model_id: str, head: steps.HeadKey) -> bool:
    """Say whether it is computed without being asked for, or was asked for already."""
    unasked = model_id == EMBEDDED and settings().sample_pairs
    return unasked or jobs().was_asked(_job_key(head))


def _pairs(head: steps.HeadKey) -> np.ndarray | None:
    """Return a head's distances over all pairs, ascending; None where they aren't there yet."""
    _model_key, layer, number, _distance, _tokens = head
    assert isinstance(number, int)
    key = ("sample pairs", "", *head)
    found = shared.results().get(key)
    deaths = shared.results().get(_deaths_key(_job_key(head))) if found is None else None
    if deaths is None:
        return found
    return shared.results().get_or_compute(key, lambda: pair_distances(deaths[:, layer, number]))


@st.fragment
def _offer(model_id: str, head: steps.HeadKey, distance: float) -> None:
    """Draw the button, and once it was pressed what comes of it."""
    if _is_coming(model_id, head):
        _watch(model_id, head, distance)
    else:
        _button(model_id, head)


@st.fragment(run_every=2)
def _watch(model_id: str, head: steps.HeadKey, distance: float) -> None:
    """Draw the line anew now and then, by itself: the rest of the page isn't run for it."""
    _draw(model_id, head, distance)


def _draw(model_id: str, head: steps.HeadKey, distance: float) -> None:
    pairs = _pairs(head)
    job = jobs().find(_job_key(head))
    if pairs is not None:
        compare.explain(sentence(pairs, distance))
    elif job is not None and job.failure:
        compare.explain(job.failure)
        _button(model_id, head)
    else:
        if job is None:  # done once, but since then pushed out of the results that are kept
            jobs().begin(model_id, _job_key(head))
        done = job.done if job else 0
        compare.explain(f"Comparing with the sample photos: {done} of {_N_PHOTOS} read …")


def sentence(pairs: np.ndarray, distance: float) -> str:
    """Say how many pairs of sample photos are nearer to each other.

    Parameters
    ----------
    pairs : ndarray of float64, shape (n_pairs,)
        Ascending.
    distance : float
        Pairs exactly as far apart don't count as nearer.
    """
    nearer = int(np.searchsorted(pairs, distance, side="left"))
    return (
        f"**H0 bottleneck.** Larger than {nearer} of the {len(pairs)} pairs of sample photos for "
        f"this head (median {np.median(pairs):.4f})."
    )


def _button(model_id: str, head: steps.HeadKey) -> None:
    st.button(
        "Compare with all pairs of sample photos",
        key="compare with sample pairs",
        help="How large the H0 bottleneck is among those of the same head over all pairs of the "
        f"{_N_PHOTOS} sample photos. All heads are computed at once, in the background.",
        on_click=_ask,
        args=(model_id, head),
    )


def _ask(model_id: str, head: steps.HeadKey) -> None:
    session.write()
    jobs().begin(model_id, _job_key(head))


def _compute(model_id: str, key: JobKey, job: Job) -> None:
    """Find the deaths of all heads of all sample photos: kept, on disk, or computed."""
    if shared.results().get(_deaths_key(key)) is not None:
        return
    warm_up.wait()
    kept = _on_disk(model_id, key)
    deaths = kept.read() if kept else None
    if deaths is None:
        deaths = _computed(model_id, key, job)
        if kept:
            kept.write(deaths)
    deaths.setflags(write=False)
    shared.results().get_or_compute(_deaths_key(key), lambda: deaths)
    if shared.results().get(_deaths_key(key)) is None:
        raise SamplePairsError(
            "The memory set aside for results is too small to compare the sample photos."
        )


def _computed(model_id: str, key: JobKey, job: Job) -> np.ndarray:
    _model_key, distance, tokens = key
    network = models.loaded_model(model_id)

    def attend(number: int) -> Attention:
        # With as many threads as the page's own forward pass has: the same bits, so that a pair
        # of sample photos isn't farther apart than itself.
        return network.attend(photo_inputs.sample_photo(SAMPLES[number]))

    return deaths_of_photos(attend, _N_PHOTOS, distance, tokens, job.report, _slot)


@contextmanager
def _slot() -> Iterator[None]:
    with shared.queue().slot(BACKGROUND):
        yield


def _on_disk(model_id: str, key: JobKey) -> DeathsOnDisk | None:
    """Return where the deaths are kept; None where nothing says which weights they are of."""
    model_key, distance, tokens = key
    if model_id == EMBEDDED:
        model_key = f"{EMBEDDED}@{ONNX_SHA256}"
    if model_key.endswith("@"):  # a local folder: its files may change
        return None
    libraries = "\n".join(f"{name} {version(name)}" for name in ("torch", "transformers"))
    return DeathsOnDisk(
        settings().cache_folder / "sample-pairs",
        f"{model_key}\n{libraries}",
        distance,
        tokens,
        [photo_inputs.sample_photo(name).sha256 for name in SAMPLES],
    )
