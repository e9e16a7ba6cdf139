"""Models: a name -> a loaded Vision Transformer -> attention."""

from attntopo.models.effort import attention_effort
from attntopo.models.embedded import ONNX_SHA256
from attntopo.models.hub import Report, StoppedError
from attntopo.models.info import (
    LARGEST_ATTENTION_MEGABYTES,
    ModelError,
    ModelInfo,
    given_info,
)
from attntopo.models.loading import describe_model, load_model, models_on_this_machine
from attntopo.models.model_input import MOST_TOKENS, OWN_INPUT, SHAPES, ModelInput
from attntopo.models.network import Model
from attntopo.models.offered import EMBEDDED, CatalogueEntry, catalogue, find_entry
from attntopo.models.pair_info import SharedInfo
from attntopo.models.untrained import is_untrained, library_versions, trained_id, untrained_id
from attntopo.models.without_tokens import (
    PIECE_MEGABYTES,
    check_layer,
    class_states,
    class_token_state,
)
