"""The H0 bottleneck distances of a head over all pairs of sample photos, in the background.

What the visitors of one process ask for is computed once, by one job at a time in a thread of its
own. The pages begin jobs and look how far they are; none waits for one.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import streamlit as st

from attntopo.analysis import DeathsOnDisk, deaths_of_photos, pair_distances
from attntopo.attention import MEAN, AttentionError
from attntopo.distances import DistanceError
from attntopo.models import EMBEDDED, ONNX_SHA256, OWN_INPUT, ModelError
from attntopo.photos import SAMPLES
from attntopo.settings import app_settings
from attntopo.ui.results import models, photo_inputs
from attntopo.ui.results.steps import HeadKey, ModelRun, of_all_heads
from attntopo.ui.runtime import shared

JobKey = tuple[ModelRun, str, str]
"""The model's run, distance, tokens: all heads of all sample photos at once."""

_LOG = logging.getLogger(__name__)


class SamplePairsError(RuntimeError):
    """The sample photos can't be compared; the message says why in a sentence."""


@dataclass
class Job:
    """One computation, and how far it is.

    Attributes
    ----------
    done : int
        How many sample photos were read.
    failure : str
        Why it ended without a result, in a sentence; empty otherwise.
    """

    done: int = 0
    failure: str = ""

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
        self._running = threading.Lock()
        self._jobs: dict[JobKey, Job] = {}
        self._asked: set[JobKey] = set()

    def begin(self, model_id: str, key: JobKey) -> None:
        """Begin a job in the background; one that waits or runs already is left alone."""
        with self._lock:
            if key in self._jobs and not self._jobs[key].failure:
                return
            job = self._jobs[key] = Job()
            self._asked.add(key)
        threading.Thread(target=self._run, args=(model_id, key, job), daemon=True).start()

    def find(self, key: JobKey) -> Job | None:
        """Return the job that waits, runs or has failed; None where there is none or it is done."""
        return self._jobs.get(key)

    def busy(self) -> bool:
        """Say whether any job waits or runs."""
        return any(not job.failure for job in list(self._jobs.values()))

    def was_asked(self, key: JobKey) -> bool:
        """Say whether it was ever begun."""
        return key in self._asked

    def _run(self, model_id: str, key: JobKey, job: Job) -> None:
        try:
            with self._running:
                self._work(model_id, key, job)
        except (SamplePairsError, ModelError, AttentionError, DistanceError) as error:
            job.failure = str(error)
        except Exception:  # nobody waits for this thread: what it can't do is said on the page
            _LOG.exception("The sample photos couldn't be compared.")
            job.failure = "The sample photos couldn't be compared."
        else:
            del self._jobs[key]


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs, one registry for all sessions."""
    return Jobs(_compute)


def is_coming(model_id: str, head: HeadKey) -> bool:
    """Say whether it is computed without being asked for, or was asked for already."""
    (_version, chosen), *_ = head
    own = model_id == EMBEDDED and chosen == OWN_INPUT
    unasked = own and app_settings().sample_pairs
    return unasked or jobs().was_asked(of_all_heads(head))


def sample_pairs_of(head: HeadKey) -> np.ndarray | None:
    """Return a head's distances over all pairs, ascending; None where they aren't there yet."""
    _version, layer, number, _distance, _tokens = head
    key = ("sample pairs", "", *head)
    deaths = shared.kept_results().get(_deaths_key(of_all_heads(head)))
    if deaths is None:
        return shared.kept_results().get(key)
    column = -1 if number == MEAN else number
    return shared.kept_results().get_or_compute(
        key, lambda: pair_distances(deaths[:, layer, column])
    )


def _deaths_key(key: JobKey) -> tuple[object, ...]:
    return ("sample deaths", "", *key)


def _compute(model_id: str, key: JobKey, job: Job) -> None:
    """Keep the deaths of all heads of all sample photos, from the disk or computed."""
    shared.kept_results().get_or_compute(_deaths_key(key), lambda: _deaths(model_id, key, job))
    if shared.kept_results().get(_deaths_key(key)) is None:
        raise SamplePairsError(
            "The memory set aside for results is too small to compare the sample photos."
        )


def _deaths(model_id: str, key: JobKey, job: Job) -> np.ndarray:
    (_version, chosen), distance, tokens = key
    on_disk = _on_disk(model_id, key)
    deaths = on_disk.read() if on_disk else None
    if deaths is None:
        model = models.loaded_model(model_id)
        deaths = deaths_of_photos(
            # With as many threads as the page's own forward pass has: the same bits, so that a
            # pair of sample photos isn't farther apart than itself.
            lambda number: model.attend(photo_inputs.sample_photo(SAMPLES[number]), chosen),
            len(SAMPLES),
            distance,
            tokens,
            job.report,
            shared.background_slot,
        )
        if on_disk:
            on_disk.write(deaths)
    deaths.setflags(write=False)
    return deaths


def _on_disk(model_id: str, key: JobKey) -> DeathsOnDisk | None:
    """Return where the deaths are kept; None where nothing says which weights they are of."""
    (model_version, chosen), distance, tokens = key
    if model_id == EMBEDDED:
        model_version = f"{EMBEDDED}@{ONNX_SHA256}"
    if model_version.endswith("@"):  # a local folder: its files may change
        return None
    libraries = "\n".join(f"{name} {version(name)}" for name in ("torch", "transformers"))
    given = "" if chosen == OWN_INPUT else f"\ninput {chosen.side} {chosen.shape}"
    return DeathsOnDisk(
        app_settings().cache_folder / "sample-pairs",
        f"{model_version}\n{libraries}{given}",
        distance,
        tokens,
        [photo_inputs.sample_photo(name).sha256 for name in SAMPLES],
    )
