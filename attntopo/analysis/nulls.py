"""One head's attention -> attention that has some of its properties, and is random in all else.

What a real head has and none of these has is no matter of the properties that were kept. Each null
keeps the rows and columns of the prefix as they are, and how much each row gives to patches.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.attention_fit import AttentionFit, fit_attention
from attntopo.analysis.evidence_error import EvidenceError

ROUNDS = 10
"""How many times spectrum and values are restored in turn."""


@dataclass(frozen=True)
class Null:
    """A null of attention that can be chosen by name.

    Attributes
    ----------
    key, label, explanation : str
        The name in links, the name on the page, and one line that says what it rules out.
    matrices : str
        What its draws are, in words that follow a number: `20 attention matrices that …`.
    draw : callable
        What was fitted, and a random generator -> attention of shape (n_tokens, n_tokens).
    """

    key: str
    label: str
    explanation: str
    matrices: str
    draw: Callable[[AttentionFit, np.random.Generator], np.ndarray]


def surrogate_attention(
    attention: np.ndarray | AttentionFit,
    grid: tuple[int, int] | None = None,
    n_prefix: int | None = None,
    null: str = "spectrum",
    seed: int = 0,
    draw: int = 0,
) -> np.ndarray:
    """Draw one attention matrix of a null.

    Parameters
    ----------
    attention : array of float of shape (n_tokens, n_tokens), or AttentionFit
        One head's; what was fitted to it, where many are drawn, and then no grid and no prefix.
    grid : tuple of int
        Height and width of the patch grid.
    n_prefix : int
        Tokens before the patches.
    null : {"spectrum", "profile", "shuffled"}
        A key of `NULLS`.
    seed, draw : int
        The same two give the same matrix; not negative.

    Returns
    -------
    ndarray of float64, shape (n_tokens, n_tokens)
        Rows sum to 1.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions.
    EvidenceError
        If there is no such null, the grid doesn't fit, or rows are one-hot.
    """
    chosen = find_null(null)
    if not isinstance(attention, AttentionFit):
        if grid is None or n_prefix is None:
            raise EvidenceError("A null needs the patch grid and the number of prefix tokens.")
        attention = fit_attention(attention, grid, n_prefix)
    return chosen.draw(attention, np.random.default_rng((seed, draw)))


def find_null(name: str) -> Null:
    """Return the null of a name.

    Raises
    ------
    EvidenceError
        If there is none of that name.
    """
    if name not in NULLS:
        raise EvidenceError(f"There is no null called {name!r}; there are {', '.join(NULLS)}.")
    return NULLS[name]


def same_spectrum(
    values: np.ndarray, generator: np.random.Generator, rounds: int = ROUNDS
) -> np.ndarray:
    """Draw an array with the values of another, and nearly its power spectrum (IAAFT).

    Parameters
    ----------
    values : ndarray of float64, of any shape
    generator : numpy Generator
    rounds : int
        How many times the spectrum and then the values are restored, from random phases on.

    Returns
    -------
    ndarray of float64, of the same shape
        The same values to the bit, in another order.

    References
    ----------
    Schreiber, Schmitz, Improved surrogate data for nonlinearity tests, Physical Review Letters 77
    (1996).
    """
    from scipy import fft

    ascending = np.sort(values, axis=None)
    amplitudes = np.abs(fft.rfftn(values, workers=1))
    drawn = generator.standard_normal(values.shape)
    for _ in range(rounds):
        spectrum = fft.rfftn(drawn, workers=1)
        size = np.abs(spectrum)
        # A component without a phase has the phase 0.
        turned = np.divide(spectrum, size, out=np.ones_like(spectrum), where=size > 0)
        coloured = fft.irfftn(amplitudes * turned, s=values.shape, workers=1)
        drawn.ravel()[np.argsort(coloured, axis=None)] = ascending
    return drawn


def _spectrum(fit: AttentionFit, generator: np.random.Generator) -> np.ndarray:
    drawn = same_spectrum(fit.residual.reshape(*fit.grid, *fit.grid), generator)
    return fit.with_residual(drawn.reshape(fit.residual.shape))


def _profile(fit: AttentionFit, generator: np.random.Generator) -> np.ndarray:
    height, width = fit.grid
    patches = np.arange(height * width)
    # Each row is read from a place of its own on the torus.
    by = generator.integers(0, fit.grid, size=(len(patches), 2))
    rows, columns = np.divmod(patches, width)
    down = (rows + by[:, :1]) % height
    across = (columns + by[:, 1:]) % width
    return fit.with_residual(np.take_along_axis(fit.residual, down * width + across, axis=1))


def _shuffled(fit: AttentionFit, generator: np.random.Generator) -> np.ndarray:
    return fit.with_weights(generator.permuted(fit.patches, axis=1))


NULLS: dict[str, Null] = {
    entry.key: entry
    for entry in (
        Null(
            key="spectrum",
            label="As smooth",
            explanation=(
                "Keeps how far the head looks, its favourite tokens, and how smooth the rest is "
                "over both patches: its values and its power spectrum. The strictest."
            ),
            matrices="attention matrices that are as smooth as this one",
            draw=_spectrum,
        ),
        Null(
            key="profile",
            label="Profile and sinks",
            explanation=(
                "Keeps how far the head looks and its favourite tokens; the rest of each row is "
                "rolled over the grid by a random offset."
            ),
            matrices="attention matrices that look as far and have the same favourite tokens",
            draw=_profile,
        ),
        Null(
            key="shuffled",
            label="Rows shuffled",
            explanation=(
                "Keeps each row's values, in random order: it rules out only that rows are "
                "unrelated, which any smooth attention does."
            ),
            matrices="attention matrices whose rows are this one's, shuffled",
            draw=_shuffled,
        ),
    )
}
"""The nulls by name, the strictest first."""
