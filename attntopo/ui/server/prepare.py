"""Do ahead what a machine's first visitors would wait for: `python -m attntopo.ui.server.prepare`.

Opens the first page without a server, so that all it needs lies on the machine afterwards: the
embedded model converted, the kernels compiled, the sample photos compared. It fails where that
page does.
"""

import sys
import time

from streamlit.testing.v1 import AppTest

from attntopo.ui import linked
from attntopo.ui.results import sample_pairs
from attntopo.ui.runtime import warm_up
from attntopo.ui.server.app_files import app_script

_SECONDS = 1800
"""How long either step may take: compiling is slow on a small builder."""


def main() -> None:
    """Open the first page, and wait for what it leaves to the background."""
    page = AppTest.from_file(str(app_script()), default_timeout=_SECONDS).run()
    failures = [str(element.value) for element in (*page.exception, *page.error)]
    is_drawn = any(one.proto.id.endswith(f"-{linked.KEY}") for one in page.get("bidi_component"))
    if failures or not is_drawn:
        sys.exit("\n".join(["The first page can't be drawn.", *failures]))
    warm_up.compile_kernels()  # those that a first click needs
    end = time.monotonic() + _SECONDS
    while sample_pairs.jobs().busy():
        if time.monotonic() > end:
            sys.exit("The sample photos weren't compared in time.")
        time.sleep(0.2)
    print("Ready: the first page is drawn.")


if __name__ == "__main__":
    main()
