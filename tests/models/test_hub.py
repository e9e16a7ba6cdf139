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
from textwrap import indent
from typing import Any, NamedTuple

import numpy as np
import pytest

import attntopo as at
from attntopo.models.hub import HUB_ID
from tests.harness.hub_server import HubServer, commit_of
from tests.harness.model_folders import VIT, write_folder, write_small_hub

ROOT = Path(__file__).parents[2]

LOAD = """
info = at.describe_model(model_id, **options)
model = at.load_model(model_id, **options)
attention = model.attend(at.sample("coffee"))
np.savez(out, maps=attention.maps, pixels=attention.input_pixels)
result = [info == model.info, info.n_layers, info.n_heads, info.grid, info.prefix, info.commit]
"""


def in_a_fresh_process(
    code: str, home: Path, address: str, options: dict | None = None, **environment: str
):
    """Run code that leaves its answer in `result`; return the answer, or the error's sentence.

    The code finds the options of `load_model` under that name.
    """
    script = (
        "import json, sys, numpy as np, attntopo as at\n"
        f"out, options = {str(home / 'out.npz')!r}, {options or {}!r}\n"
        "try:\n"
        + indent(code.strip(), "    ")
        + "\nexcept at.ModelError as error: result = {'refused': str(error)}\n"
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


def without_a_hub(code: str, home: Path, options: dict | None = None):
    """Run the same here: the tests' own process knows no hub either."""
    names = {"out": str(home / "out.npz"), "options": options or {}, "at": at, "np": np}
    folder = os.getcwd()
    try:
        exec(code, names)
        return json.loads(json.dumps(names.get("result")))
    except at.ModelError as error:
        return {"refused": str(error)}
    finally:
        os.chdir(folder)


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
        rows = normed @ weights[f"{at}.weight"].T + weights[f"{at}.bias"]
        return rows.reshape(len(tokens), heads, -1).transpose(1, 0, 2)

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
    "openai/clip-vit-base-patch16": ([14, 14], [CLASS]),
}
# The positions of one are interpolated; of the other transformers' own class is the reference,
# in test_clip.py.
NOT_BY_HAND = ("facebook/dinov2-small", "openai/clip-vit-base-patch16")


REFUSALS = {
    "owner/bert": "'bert', which isn't supported",
    "owner/pickled": "no weights as safetensors",
    "owner/nowhere": "isn't on the hub",
    "nowhere": "no model 'nowhere': it must be a key of the catalogue, an id on the hub",
    "./owner/nowhere": "or a folder",
    "owner/lacking": "lacks some of its weights",
}
# Of the app; the library knows none of them.
VARIABLES = {
    "ATTNTOPO_DOWNLOADS": "off",
    "ATTNTOPO_MEMORY_MB": "0.01",
    "ATTNTOPO_MODELS": "neither a folder nor an id",
    "ATTNTOPO_WORKERS": "none",
}


class Asked(NamedTuple):
    """What one process was told.

    Attributes
    ----------
    models : dict
        Model -> its description and where its arrays are, or the sentence that refuses it.
    offered : list of str
        The catalogue.
    fetched : list of str
        The files that it had from the hub.
    home : Path
        Where it kept them.
    """

    models: dict[str, Any]
    offered: list[str]
    fetched: list[str]
    home: Path


@pytest.fixture(scope="module")
def asked(small_hub, tmp_path_factory):
    """What became of each model, asked for one after the other in one process."""
    small_hub.requests.clear()
    home = tmp_path_factory.mktemp("small")
    code = (
        f"results, folder = {{}}, {str(home)!r}\n"
        f"for number, model_id in enumerate({[*SMALL, *REFUSALS]}):\n"
        "    out = f'{folder}/{number}.npz'\n"
        "    try:\n"
        f"{indent(LOAD.strip(), ' ' * 8)}\n"
        "        results[model_id] = result, out\n"
        "    except at.ModelError as error: results[model_id] = str(error)\n"
        "at.load_model()\n"
        "result = [results, sorted(at.catalogue())]"
    )
    variables = {**VARIABLES, "ATTNTOPO_CACHE": str(home / "cache")}
    models, offered = in_a_fresh_process(code, home, small_hub.address, **variables)
    return Asked(models, offered, small_hub.requests.copy(), home)


@pytest.mark.parametrize("model_id", SMALL)
def test_each_architecture_goes_through_the_same_path(model_id, small_hub, asked):
    grid, prefix = SMALL[model_id]
    result, arrays = asked.models[model_id]
    assert result == [True, 2, 3, grid, prefix, commit_of(model_id)]
    saved = np.load(arrays)
    n = len(prefix) + grid[0] * grid[1]
    assert saved["maps"].shape == (2, 3, n, n)
    if model_id not in NOT_BY_HAND:
        used = json.loads((small_hub.root / model_id / "preprocessor_config.json").read_text())
        expected = first_layer_attention(small_hub.root / model_id, saved["pixels"], used)
        # What the model saw is kept in whole pixel values; random weights magnify little.
        assert np.abs(saved["maps"][0] - expected).max() < 1e-5


def large_case(tmp_path: Path, model_id: str, shape: tuple[int, ...], **config) -> None:
    root = tmp_path / "hub"
    folder = write_folder(root / model_id, "ViTForImageClassification", VIT, **config)
    with HubServer(root) as server:
        result = in_a_fresh_process(f"model_id = {model_id!r}\n{LOAD}", tmp_path, server.address)
    assert result == [True, shape[0], shape[1], [14, 14], [CLASS], commit_of(model_id)]
    saved = np.load(tmp_path / "out.npz")
    assert saved["maps"].shape == shape
    expected = first_layer_attention(folder, saved["pixels"], VIT)
    assert np.abs(saved["maps"][0] - expected).max() < 1e-5


def test_the_notebooks_vit_base(tmp_path):
    # Attention takes no note of how wide the layers between are: two thirds of the weights.
    config = {"intermediate_size": 64}
    large_case(tmp_path, "google/vit-base-patch16-224", (12, 12, 197, 197), **config)


@pytest.mark.large
def test_the_notebooks_vit_large(tmp_path):
    config = {
        "hidden_size": 1024,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
    }
    large_case(tmp_path, "google/vit-large-patch16-224", (24, 16, 197, 197), **config)


def test_what_was_fetched_once_needs_no_hub(asked):
    model_id = "facebook/dino-vits16"
    code = f"model_id = {model_id!r}\n{LOAD}"
    options = {"downloads": False}
    again = in_a_fresh_process(code, asked.home, "http://127.0.0.1:9", options)
    assert again == asked.models[model_id][0]


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
    assert "DINOv2-S, saliency-tuned" in sentence


@pytest.mark.parametrize("model_id", REFUSALS)
def test_refusals_are_one_sentence(model_id, asked):
    sentence = asked.models[model_id]
    assert REFUSALS[model_id] in sentence
    assert "\n" not in sentence


def test_of_what_is_refused_by_its_description_no_weights_are_fetched(asked):
    fetched = (path.rsplit("/", 1) for path in asked.fetched)
    weights = {folder for folder, name in fetched if name.endswith((".safetensors", ".bin"))}
    assert weights == {*SMALL, "owner/lacking"}


def test_a_model_beyond_the_memory_budget_is_refused_before_it_is_fetched(small_hub, tmp_path):
    small_hub.requests.clear()
    result = in_a_fresh_process(
        "at.load_model('facebook/dino-vits16', **options)",
        tmp_path,
        small_hub.address,
        {"max_megabytes": 0.01},
    )
    assert "more than the 0.01 MB" in result["refused"]
    assert not any(name.endswith("safetensors") for name in small_hub.requests)


def test_with_downloads_off_the_hub_is_not_asked(small_hub, tmp_path):
    small_hub.requests.clear()
    code = """
from attntopo.models import models_on_this_machine
assert models_on_this_machine() == ["embedded"]
at.describe_model("facebook/dino-vits16", **options)
"""
    result = in_a_fresh_process(code, tmp_path, small_hub.address, {"downloads": False})
    assert "downloads are switched off" in result["refused"]
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
from attntopo.models import models_on_this_machine
extra = options["extra_models"]
info = at.describe_model("dino-vits16", **options)
assert at.load_model("dino-vits16", **options).info == info
here = models_on_this_machine(extra_models=extra, max_megabytes=1)
result = [info.n_tokens, info.commit, at.catalogue(extra)["dino-vits16"].label, here]
"""
    options = {"extra_models": [str(folder)], "downloads": False}
    result = without_a_hub(code, tmp_path, options)
    assert result == [197, "", "dino-vits16 (local)", ["embedded", "dino-vits16"]]


def test_a_folder_is_a_model_by_its_path(small_hub, tmp_path):
    """By an absolute or a relative one, even where that looks like an id on the hub."""
    code = """
import os, pathlib
os.chdir(options["root"])
path = "facebook/dino-vits16"
ids = [path, "./" + path, os.path.abspath(path), pathlib.Path(path)]
infos = [at.load_model(one, downloads=False).info for one in ids[1:]]
infos.append(at.describe_model("owner/lacking", downloads=False))
result = [[info.id for info in infos], [info.grid for info in infos]]
"""
    root = str(small_hub.root)
    result = without_a_hub(code, tmp_path, {"root": root})
    ids = ["./facebook/dino-vits16", f"{root}/facebook/dino-vits16", "owner/lacking"]
    # One that the catalogue names is the hub's, whatever lies in the working directory.
    assert result["refused"].startswith("facebook/dino-vits16 isn't on this machine")
    of_folders = code.replace(", pathlib.Path(path)]", "]")
    result = without_a_hub(of_folders, tmp_path, {"root": root})
    assert result == [ids, [[14, 14]] * 3]


def test_the_embedded_model_is_kept_where_one_says(tmp_path):
    code = "result = at.load_model(folder=options['folder']).info.n_tokens"
    options = {"folder": str(tmp_path / "kept")}
    assert without_a_hub(code, tmp_path, options) == 257
    (folder,) = (tmp_path / "kept").iterdir()
    assert (folder / "model.safetensors").is_file()
    (tmp_path / "file").touch()
    options = {"folder": str(tmp_path / "file" / "kept")}
    refused = without_a_hub(code, tmp_path, options)["refused"]
    assert "can't be put on this machine: Not a directory" in refused
    assert "ATTNTOPO" not in refused


def test_weights_beyond_a_limit_are_refused_wherever_they_come_from(small_hub, tmp_path):
    for name in ("embedded", str(small_hub.root / "facebook/dino-vits16")):
        code = f"at.load_model({name!r}, **options)"
        options = {"max_megabytes": 0.05}
        result = without_a_hub(code, tmp_path, options)
        assert "more than the 0.05 MB that are allowed" in result["refused"]


def test_no_variable_of_the_app_has_any_effect_on_the_library(asked):
    # Models were loaded under them, and what was loaded is right.
    assert asked.offered == sorted(at.catalogue())
    assert not (asked.home / "cache").exists()


def test_code_in_a_model_folder_is_never_run(small_hub, tmp_path):
    folder = tmp_path / "remote"
    shutil.copytree(small_hub.root / "facebook/dino-vits16", folder)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    remote = {"config.json": "AutoModel", "preprocessor_config.json": "AutoImageProcessor"}
    for name, key in remote.items():
        values = json.loads((folder / name).read_text())
        values["auto_map"] = {key: "evil.Evil"}
        (folder / name).write_text(json.dumps(values))
    code = f"at.load_model({str(folder)!r})\nresult = 'loaded'"
    without_a_hub(code, tmp_path)
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
attention = at.load_model("odd", **options).attend(at.sample("coffee"))
result = str(attention.maps.dtype)
"""
    options = {"extra_models": [str(folder)]}
    result = without_a_hub(code, tmp_path, options)
    if damage == "half precision":
        assert result == "float32"
    else:
        assert "couldn't be loaded" in result["refused"]


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("google/vit-base-patch16-224", True), ("../../etc/passwd", False), ("name", False)],
)
def test_what_looks_like_an_id(text, is_id):
    assert bool(HUB_ID.fullmatch(text)) == is_id
