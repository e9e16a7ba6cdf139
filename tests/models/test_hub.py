"""Hub models through the loading code, against a small hub on 127.0.0.1.

The hub's client reads its address when it is imported, so each case runs in a fresh process.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attntopo.models.hub import HUB_ID
from tests.harness.hub_server import HubServer, commit_of
from tests.harness.model_folders import VIT, write_folder, write_small_hub

ROOT = Path(__file__).parents[2]

LOAD = """
info = at.describe_model(model_id)
model = at.load_model(model_id)
attention = model.attend(at.sample("coffee"))
np.savez(out, maps=attention.maps, pixels=attention.input_pixels)
result = [info == model.info, info.n_layers, info.n_heads, info.grid, info.prefix, info.commit]
"""


def in_a_fresh_process(code: str, home: Path, address: str, **environment: str):
    """Run code that leaves its answer in `result`; return the answer, or the error's sentence."""
    script = (
        "import json, sys, numpy as np, attntopo as at\n"
        f"out = {str(home / 'out.npz')!r}\n"
        "try:\n"
        + "".join(f"    {line}\n" for line in code.strip().splitlines())
        + "except at.ModelError as error: result = {'refused': str(error)}\n"
        "print(json.dumps(result))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
        env={**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(home / "hf"), **environment},
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def small_hub(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    write_small_hub(root)
    with HubServer(root) as server:
        yield server


def first_layer_attention(folder: Path, pixels: np.ndarray, preprocessor: dict) -> np.ndarray:
    """Layer 0 written out naively from the weights and what the model saw."""
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text())
    weights = {
        name.removeprefix("vit.").removeprefix("deit."): array.astype(np.float64)
        for name, array in load_file(folder / "model.safetensors").items()
    }
    size, heads = config["patch_size"], config["num_attention_heads"]
    values = (pixels / 255 - preprocessor["image_mean"]) / preprocessor["image_std"]
    rows, columns = (side // size for side in pixels.shape[:2])
    patches = values.reshape(rows, size, columns, size, 3).transpose(0, 2, 4, 1, 3)
    kernel = weights["embeddings.patch_embeddings.projection.weight"]
    tokens = patches.reshape(rows * columns, -1) @ kernel.reshape(len(kernel), -1).T
    tokens += weights["embeddings.patch_embeddings.projection.bias"]
    prefix = [weights["embeddings.cls_token"][0]]
    if "embeddings.distillation_token" in weights:
        prefix.append(weights["embeddings.distillation_token"][0])
    tokens = np.concatenate([*prefix, tokens]) + weights["embeddings.position_embeddings"][0]
    if "embeddings.register_tokens" in weights:
        registers = weights["embeddings.register_tokens"][0]
        tokens = np.concatenate([tokens[:1], registers, tokens[1:]])
    norm = "norm1" if config["model_type"].startswith("dinov2") else "layernorm_before"
    layer = "encoder.layer.0."
    centred = tokens - tokens.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + config["layer_norm_eps"])
    normed = centred / deviation * weights[f"{layer}{norm}.weight"] + weights[f"{layer}{norm}.bias"]

    def projected(name: str) -> np.ndarray:
        at = f"{layer}attention.attention.{name}"
        found = normed @ weights[f"{at}.weight"].T + weights[f"{at}.bias"]
        return found.reshape(len(tokens), heads, -1).transpose(1, 0, 2)

    query, key = projected("query"), projected("key")
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[2])
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    return powers / powers.sum(axis=2, keepdims=True)


CLASS, REGISTERS = "class token", [f"register {k}" for k in (1, 2, 3, 4)]
SMALL = {
    "facebook/dino-vits16": ([14, 14], [CLASS]),
    "facebook/dino-vits8": ([28, 28], [CLASS]),
    "facebook/deit-tiny-patch16-224": ([14, 14], [CLASS]),
    "facebook/deit-tiny-distilled-patch16-224": ([14, 14], [CLASS, "distillation token"]),
    "facebook/dinov2-small": ([16, 16], [CLASS]),
    "facebook/dinov2-with-registers-small": ([16, 16], [CLASS, *REGISTERS]),
}


@pytest.mark.parametrize("model_id", SMALL)
def test_each_architecture_goes_through_the_same_path(model_id, small_hub, tmp_path):
    grid, prefix = SMALL[model_id]
    found = in_a_fresh_process(
        f"model_id = {model_id!r}\n{LOAD}",
        tmp_path,
        small_hub.address,
        ATTNTOPO_MODELS="facebook/deit-tiny-distilled-patch16-224",
    )
    assert found == [True, 2, 3, grid, prefix, commit_of(model_id)]
    saved = np.load(tmp_path / "out.npz")
    n = len(prefix) + grid[0] * grid[1]
    assert saved["maps"].shape == (2, 3, n, n)
    if model_id != "facebook/dinov2-small":  # its positions are interpolated, by transformers
        used = json.loads((small_hub.root / model_id / "preprocessor_config.json").read_text())
        expected = first_layer_attention(small_hub.root / model_id, saved["pixels"], used)
        # What the model saw is kept in whole pixel values; random weights magnify little.
        assert np.abs(saved["maps"][0] - expected).max() < 1e-5


def large_case(tmp_path: Path, model_id: str, shape: tuple[int, ...], **config) -> None:
    root = tmp_path / "hub"
    folder = write_folder(root / model_id, "ViTForImageClassification", VIT, **config)
    with HubServer(root) as server:
        found = in_a_fresh_process(f"model_id = {model_id!r}\n{LOAD}", tmp_path, server.address)
    assert found == [True, shape[0], shape[1], [14, 14], [CLASS], commit_of(model_id)]
    saved = np.load(tmp_path / "out.npz")
    assert saved["maps"].shape == shape
    expected = first_layer_attention(folder, saved["pixels"], VIT)
    assert np.abs(saved["maps"][0] - expected).max() < 1e-5


def test_the_notebooks_vit_base(tmp_path):
    large_case(tmp_path, "google/vit-base-patch16-224", (12, 12, 197, 197))


@pytest.mark.large
def test_the_notebooks_vit_large(tmp_path):
    config = {
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
    }
    large_case(tmp_path, "google/vit-large-patch16-224", (24, 16, 197, 197), **config)


def test_what_was_fetched_once_needs_no_hub(small_hub, tmp_path):
    code = "model_id = 'facebook/dino-vits16'\n" + LOAD
    first = in_a_fresh_process(code, tmp_path, small_hub.address)
    again = in_a_fresh_process(code, tmp_path, "http://127.0.0.1:9", ATTNTOPO_DOWNLOADS="off")
    assert first == again


@pytest.fixture
def silent_address():
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("kind", ["refused", "silent"])
def test_without_a_hub_there_is_a_sentence(kind, tmp_path, silent_address):
    """One that never answers isn't waited for."""
    address = silent_address if kind == "silent" else "http://127.0.0.1:9"
    code = """
try:
    at.describe_model("google/vit-base-patch16-224")
except at.ModelError as error:
    result = str(error)
"""
    sentence = in_a_fresh_process(code, tmp_path, address)
    assert "hub can't be reached" in sentence
    assert "DINOv2-small (embedded, saliency-tuned)" in sentence


@pytest.mark.parametrize(
    ("model_id", "sentence"),
    [
        ("owner/bert", "'bert', which isn't supported"),
        ("owner/pickled", "no weights as safetensors"),
        ("owner/lacking", "lacks some of its weights"),
        ("owner/nowhere", "isn't on the hub"),
        ("owner/unlisted", "no such model"),
    ],
)
def test_refusals_are_one_sentence(model_id, sentence, small_hub, tmp_path):
    small_hub.requests.clear()
    found = in_a_fresh_process(
        f"at.load_model({model_id!r})",
        tmp_path,
        small_hub.address,
        ATTNTOPO_MODELS="owner/bert,owner/pickled,owner/lacking,owner/nowhere",
    )
    assert sentence in found["refused"]
    if model_id != "owner/lacking":
        assert not any(name.endswith(("safetensors", ".bin")) for name in small_hub.requests)


def test_a_model_beyond_the_memory_budget_is_refused_before_it_is_fetched(small_hub, tmp_path):
    small_hub.requests.clear()
    found = in_a_fresh_process(
        "at.load_model('facebook/dino-vits16')",
        tmp_path,
        small_hub.address,
        ATTNTOPO_MEMORY_MB="0.01",
    )
    assert "more than the 0.01 MB" in found["refused"]
    assert not any(name.endswith("safetensors") for name in small_hub.requests)


def test_with_downloads_off_the_hub_is_not_asked(small_hub, tmp_path):
    small_hub.requests.clear()
    code = """
from attntopo.models.loading import on_this_machine
assert on_this_machine() == ["embedded"]
at.describe_model("facebook/dino-vits16")
"""
    found = in_a_fresh_process(code, tmp_path, small_hub.address, ATTNTOPO_DOWNLOADS="off")
    assert "downloads are switched off" in found["refused"]
    assert small_hub.requests == []


def test_a_download_reports_its_progress_and_can_be_stopped(small_hub, tmp_path):
    code = """
from attntopo.models import hub
seen = []
def commit(name): return hub.fetch_description(name)[0].name
def note(done, total): seen.append((done, total))
hub.fetch("facebook/dino-vits16", commit("facebook/dino-vits16"), note)
def stop(done, total): raise hub.StoppedError
try:
    hub.fetch("facebook/dino-vits8", commit("facebook/dino-vits8"), stop)
except hub.StoppedError:
    result = [seen, hub.local_snapshot("facebook/dino-vits8") is None,
              hub.local_snapshot("facebook/dino-vits16") is not None]
"""
    seen, stopped_is_incomplete, finished_is_there = in_a_fresh_process(
        code, tmp_path, small_hub.address
    )
    size = (small_hub.root / "facebook/dino-vits16/model.safetensors").stat().st_size
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] >= size
    assert stopped_is_incomplete
    assert finished_is_there


def test_a_local_folder_is_offered_by_its_name_alone(small_hub, tmp_path):
    folder = small_hub.root / "facebook/dino-vits16"
    code = """
info = at.describe_model("dino-vits16")
at.load_model("dino-vits16")
result = [info.n_tokens, info.commit, at.catalogue()["dino-vits16"].label]
"""
    found = in_a_fresh_process(
        code, tmp_path, "http://127.0.0.1:9", ATTNTOPO_MODELS=str(folder), ATTNTOPO_DOWNLOADS="off"
    )
    assert found == [197, "", "dino-vits16 (local)"]


def test_code_in_a_model_folder_is_never_run(small_hub, tmp_path):
    folder = tmp_path / "remote"
    shutil.copytree(small_hub.root / "facebook/dino-vits16", folder)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    remote = {"config.json": "AutoModel", "preprocessor_config.json": "AutoImageProcessor"}
    for name, key in remote.items():
        values = json.loads((folder / name).read_text())
        values["auto_map"] = {key: "evil.Evil"}
        (folder / name).write_text(json.dumps(values))
    code = "at.load_model('remote')\nresult = 'loaded'"
    in_a_fresh_process(code, tmp_path, "http://127.0.0.1:9", ATTNTOPO_MODELS=str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("damage", ["cut off", "no preprocessor", "half precision"])
def test_odd_local_folders(damage, small_hub, tmp_path):
    folder = tmp_path / "odd"
    shutil.copytree(small_hub.root / "facebook/dino-vits16", folder)
    weights = folder / "model.safetensors"
    if damage == "cut off":
        weights.write_bytes(weights.read_bytes()[:5000])
    elif damage == "no preprocessor":
        (folder / "preprocessor_config.json").unlink()
    else:
        from safetensors.torch import load_file, save_file

        halved = {name: tensor.bfloat16() for name, tensor in load_file(weights).items()}
        save_file(halved, weights, metadata={"format": "pt"})
    code = """
attention = at.load_model("odd").attend(at.sample("coffee"))
result = str(attention.maps.dtype)
"""
    found = in_a_fresh_process(code, tmp_path, "http://127.0.0.1:9", ATTNTOPO_MODELS=str(folder))
    if damage == "half precision":
        assert found == "float32"
    else:
        assert "couldn't be loaded" in found["refused"]


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("google/vit-base-patch16-224", True), ("../../etc/passwd", False), ("name", False)],
)
def test_what_looks_like_an_id(text, is_id):
    assert bool(HUB_ID.fullmatch(text)) == is_id
