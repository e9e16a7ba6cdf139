"""S3 as a real server speaks it, and the environment that leads to it: fixtures."""

import logging
import os
import threading
from collections.abc import Iterator

import fsspec
import pytest
from werkzeug.serving import make_server

from tests.harness.published import BUCKET, SECRET


@pytest.fixture(scope="package")
def s3_server() -> Iterator[str]:
    """The address of an S3 server on a port of its own."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # One request at a time: moto answers 500 where an object is written twice at once. Those of
    # several clients interleave all the same.
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="package")
def s3_address(s3_server) -> Iterator[str]:
    """The same, configured as an operator would: by the environment alone."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in [name for name in os.environ if name.startswith(("AWS_", "FSSPEC_"))]:
            patch.delenv(variable)
        patch.setenv("AWS_ENDPOINT_URL_S3", s3_server)
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        fsspec.filesystem("s3").makedirs(BUCKET, exist_ok=True)
        yield s3_server
        type(fsspec.filesystem("s3")).clear_instance_cache()
