"""What all visitors share: kept results, the queue for heavy work, published photos."""

from attntopo.ui.runtime.component_data import one_document
from attntopo.ui.runtime.fair_queue import BACKGROUND
from attntopo.ui.runtime.named_slots import named_slot
from attntopo.ui.runtime.page_runs import end_page
from attntopo.ui.runtime.result_cache import Key, nbytes_of
from attntopo.ui.runtime.shared import Slot
from attntopo.ui.runtime.status_line import StatusLine
from attntopo.ui.runtime.upload_budget import FullError
