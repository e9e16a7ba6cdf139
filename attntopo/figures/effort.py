"""Numbers of tokens -> what it takes to put a page's data together, before it is begun."""

from attntopo.effort import MATRIX_ENTRY, Effort

_LINKED_PACE = 1.2e-6  # seconds a pair of tokens, of both photos together
_REPORT_PACE = 4e-6


def linked_effort(n_tokens: int) -> Effort:
    """Estimate what the linked view's data take.

    Parameters
    ----------
    n_tokens : int
        Of the photo with more.

    Returns
    -------
    Effort
    """
    return Effort(_LINKED_PACE * n_tokens**2, 10 * MATRIX_ENTRY * n_tokens**2)


def report_effort(n_tokens: int) -> Effort:
    """Estimate what the page as one file takes; the parameter is that of `linked_effort`."""
    return Effort(_REPORT_PACE * n_tokens**2, 20 * MATRIX_ENTRY * n_tokens**2)
