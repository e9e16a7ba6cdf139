"""Ratios against the way of the notebook that this began as, and what many visitors make of it."""

import attntopo.ui  # noqa: F401 - threads of libraries as the server has them
