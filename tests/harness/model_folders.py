"""Model folders as the hub has them, with random weights of the true architecture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# The preprocessor files of these repositories are old: one number for a size, and the name of a
# feature extractor instead of an image processor.
VIT = {
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "ViTFeatureExtractor",
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "resample": 2,
    "size": 224,
}
DEIT = {
    **VIT,
    "feature_extractor_type": "DeiTFeatureExtractor",
    "do_center_crop": True,
    "crop_size": 224,
    "size": 256,
    "resample": 3,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}
DINO = {**VIT, "image_mean": DEIT["image_mean"], "image_std": DEIT["image_std"]}
DINOV2 = {
    "image_processor_type": "BitImageProcessor",
    "do_resize": True,
    "size": {"shortest_edge": 256},
    "do_center_crop": True,
    "crop_size": {"height": 224, "width": 224},
    "do_convert_rgb": True,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": DEIT["image_mean"],
    "image_std": DEIT["image_std"],
    "resample": 3,
}
CLIP = {
    "crop_size": 224,
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": 224,
}
TINY = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 48,
}


def write_tiny(folder: Path, pixels: int = 224) -> Path:
    """Write a model of 2 layers with 3 heads each into a folder named `tiny`; return that.

    Photos come to it as squares of so many pixels a side, each patch one of 16.
    """
    size = VIT | {"size": pixels}
    return write_folder(folder / "tiny", "ViTModel", size, **TINY, image_size=pixels)


def write_folder(folder: Path, architecture: str, preprocessor: dict, **config: Any) -> Path:
    """Write a model folder with random weights; the configuration is the architecture's own."""
    import torch
    import transformers

    torch.manual_seed(0)
    network_class = getattr(transformers, architecture)
    network = network_class(network_class.config_class(**config))
    network.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return folder


def write_small_hub(root: Path) -> None:
    """Write one tiny model of each supported architecture under its name in the catalogue."""
    write_folder(root / "facebook/dino-vits16", "ViTModel", DINO, **TINY, patch_size=16)
    write_folder(root / "facebook/dino-vits8", "ViTModel", DINO, **TINY, patch_size=8)
    write_folder(root / "facebook/deit-tiny-patch16-224", "ViTForImageClassification", DEIT, **TINY)
    write_folder(
        root / "facebook/deit-tiny-distilled-patch16-224",
        "DeiTForImageClassificationWithTeacher",
        DEIT,
        **TINY,
    )
    small = {key: value for key, value in TINY.items() if key != "intermediate_size"}
    write_folder(
        root / "facebook/dinov2-small",
        "Dinov2Model",
        DINOV2,
        **small,
        patch_size=14,
        image_size=518,
    )
    # Positions for the size that is used: the reference in the tests doesn't interpolate.
    write_folder(
        root / "facebook/dinov2-with-registers-small",
        "Dinov2WithRegistersModel",
        DINOV2,
        **small,
        patch_size=14,
        image_size=224,
        num_register_tokens=4,
    )
    texts = {**TINY, "vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2}
    write_folder(
        root / "openai/clip-vit-base-patch16",
        "CLIPModel",
        CLIP,
        vision_config=TINY | {"patch_size": 16},
        text_config=texts,
    )
    refused = write_folder(root / "owner/bert", "BertModel", VIT, **TINY)
    assert (refused / "model.safetensors").exists()
    pickled = write_folder(root / "owner/pickled", "ViTModel", VIT, **TINY)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    lacking = write_folder(root / "owner/lacking", "ViTModel", VIT, **TINY)
    drop_a_weight(lacking)


def drop_a_weight(folder: Path) -> None:
    """Remove the weight of one query projection from a folder."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    dropped = next(
        name for name in weights if ("layer.1." in name and "query" in name) or "q_proj" in name
    )
    del weights[dropped]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
