"""Many photos -> Parquet datasets of features, vectors or components; any number of machines."""

from attntopo.runs.row_kinds import ROW_KINDS
from attntopo.runs.run_error import RunError
from attntopo.runs.run_options import RunOptions
from attntopo.runs.running import RunProgress, run_over_photos
from attntopo.runs.tables import Refusal
