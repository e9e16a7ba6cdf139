"""What components are sent comes as it is, and at no cost."""

import json
import subprocess
import sys

from attntopo.ui.runtime import one_document

SENT = """
import sys
from streamlit.components.v2.bidi_component.serialization import serialize_mixed_data
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from attntopo.ui.runtime import one_document

sent = BidiComponent()
serialize_mixed_data(one_document({"texts": ["one"], "within": {"n": 2}}), sent)
print(sent.json)
print("pandas" in sys.modules)
"""


def test_a_document_is_sent_whole_and_no_data_frame_is_looked_for_in_it():
    done = subprocess.run([sys.executable, "-c", SENT], capture_output=True, text=True, check=True)
    sent, has_pandas = done.stdout.splitlines()[-2:]
    assert json.loads(sent) == one_document({"texts": ["one"], "within": {"n": 2}})
    assert has_pandas == "False"
