import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

import attntopo as at
from attntopo import exports
from attntopo.links.view import View
from attntopo.models import embedded
from attntopo.models.embedded import embedded_folder, onnx_file
from attntopo.topology.merge_trees import merge_tree
from attntopo.topology.skeleton import skeleton_at


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_attention_equals_onnx_runtime_on_the_same_file(name, model):
    """ONNX Runtime runs the original file; its own softmax outputs are the reference."""
    import onnx
    import onnxruntime

    network = onnx.load(str(onnx_file()))
    names = [
        node.output[0]
        for node in network.graph.node
        if node.op_type == "Softmax" and "/backbone/encoder" in node.name
    ]
    assert len(names) == 12
    network.graph.output.extend(onnx.ValueInfoProto(name=output) for output in names)
    session = onnxruntime.InferenceSession(
        network.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    photo = at.sample(name)
    # The input is prepared here by hand: squashed, scaled, normalised.
    from PIL import Image

    pixels = np.asarray(photo.image().resize((224, 224), Image.Resampling.BICUBIC))
    values = (pixels / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    values = values.transpose(2, 0, 1)[None].astype(np.float32)
    expected = session.run(names, {"input_image": values})
    attention = model.attend(photo)
    assert attention.maps.shape == (12, 6, 257, 257)
    for layer in range(12):
        assert np.abs(expected[layer][0] - attention.maps[layer]).max() < 1e-4
    assert (attention.input_pixels == pixels).all()


@pytest.mark.parametrize(("name", "n_edges"), [("astronaut", 1279), ("coffee", 1679)])
def test_the_processor_squashes(name, n_edges, request):
    attention = request.getfixturevalue(name)
    distances = at.row_distances(attention.head(9, 3), "double-softmax")
    assert len(skeleton_at(distances, merge_tree(distances), 0.0585).edges) == n_edges


def test_two_processes_may_convert_at_once(tmp_path):
    code = (
        "import sys; from pathlib import Path;"
        "from attntopo.models.embedded import embedded_folder;"
        "print(embedded_folder(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = {process.communicate()[0].strip() for process in running}
    assert all(process.returncode == 0 for process in running)
    assert len(answers) == 1
    assert [path.name for path in tmp_path.iterdir()] == [answers.pop().rsplit("/", 1)[-1]]


def test_another_hash_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "ONNX_SHA256", "0" * 64)
    with pytest.raises(at.ModelError, match="hash differs"):
        embedded_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_its_version_is_the_hash_of_the_file_in_the_wheel(model):
    digest = hashlib.sha256(onnx_file().read_bytes()).hexdigest()
    assert model.info.commit == at.describe_model("embedded").commit == digest
    view = View("astronaut", "coffee")
    photos = (at.sample("astronaut"), at.sample("coffee"))
    scales = 0.1, 0.1
    about = exports.describe_view(view, (model.info, model.info), photos, scales)
    assert f"# commit: {digest}\n" in exports.rows_csv(about, [{"number": 1}])
    assert digest in exports.as_python(view, scales, (model.info, model.info))


def test_it_goes_through_the_ordinary_folder(tmp_path):
    folder = embedded_folder(tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        "config.json",
        "model.safetensors",
        "preprocessor_config.json",
    }
    assert json.loads((folder / "config.json").read_text())["model_type"] == "dinov2"
