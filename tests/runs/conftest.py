"""A tiny model, and workers in this process."""

from tests.harness.runs import inline, tiny_model  # noqa: F401 - fixtures
from tests.harness.s3 import s3_address, s3_server  # noqa: F401 - fixtures
