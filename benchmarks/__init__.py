"""Ratios against the way of the notebook that this began as, and what many visitors make of it."""

import os

# As the server does, before NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
