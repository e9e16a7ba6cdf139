"""Own attention: from arrays of any framework, and to and from a file, hostile ones included."""

import io
import struct
import tracemalloc
import zipfile

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.attention.npz import LARGEST_TOKENS
from tests.harness.synthetic import neighbourly_maps

GRID = (3, 4)
MAPS = neighbourly_maps(GRID)


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{"maps": MAPS, "grid": GRID, "n_prefix": 1} | arrays)
    return buffer.getvalue()


def npy(values, **options) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(values), **options)
    return buffer.getvalue()


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def plain(**changed: bytes) -> dict[str, bytes]:
    entries = {"maps": npy(MAPS), "grid": npy(GRID), "n_prefix": npy(1)} | changed
    return {f"{name}.npy": data for name, data in entries.items()}


def declared(shape: tuple, dtype: str = "<f4") -> bytes:
    """An array's header without its values."""
    buffer = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue()


def same(first: at.Attention, second: at.Attention) -> bool:
    return (
        first.maps.dtype == second.maps.dtype
        and first.maps.tobytes() == second.maps.tobytes()
        and first.input_pixels.tobytes() == second.input_pixels.tobytes()
        and (first.grid, first.n_prefix) == (second.grid, second.n_prefix)
        and first.patch_size == second.patch_size
        and first.sha256 == second.sha256
    )


def test_arrays_become_attention_entry_by_entry():
    taken = at.Attention.from_arrays(MAPS, GRID, 1)
    assert taken.maps.shape == (2, 3, 13, 13)
    for layer in range(2):
        for head in range(3):
            for i in range(13):
                for j in range(13):
                    assert taken.head(layer, head)[i, j] == MAPS[layer][head][i][j]
    assert (taken.grid, taken.n_prefix) == ((3, 4), 1)
    assert taken.input_pixels.shape == (3 * 14, 4 * 14, 3)
    assert (taken.input_pixels == 128).all()


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (MAPS, np.float64),
        (MAPS.tolist(), np.float64),
        (MAPS.astype(">f8"), np.float64),
        (np.asfortranarray(MAPS), np.float64),
        (torch.tensor(MAPS), np.float64),
        (torch.tensor(MAPS, requires_grad=True), np.float64),
        (tuple(torch.tensor(MAPS)), np.float64),
        (tuple(torch.tensor(MAPS)[:, None]), np.float64),
        (MAPS[:, None], np.float64),
        ([[torch.tensor(head) for head in layer] for layer in MAPS], np.float64),
        (MAPS.astype(np.float32), np.float32),
        ([torch.tensor(layer, dtype=torch.float32) for layer in MAPS], np.float32),
    ],
)
def test_any_framework_gives_the_same_to_the_bit(given, dtype):
    taken = at.Attention.from_arrays(given, np.array(GRID), np.int32(1))
    assert taken.maps.dtype == dtype
    assert taken.maps.dtype.isnative
    assert (taken.maps == MAPS.astype(dtype)).all()


@pytest.mark.parametrize("kind", [np.float16, np.longdouble])
def test_other_numbers_become_float32(kind):
    rows = np.eye(13)  # without rounding in any of them
    taken = at.Attention.from_arrays(rows.astype(kind), GRID, 1)
    assert taken.maps.dtype == np.float32
    assert (taken.maps[0, 0] == rows).all()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
def test_bfloat16_in_a_file(save, layout):
    buffer = io.BytesIO()
    save(buffer, maps=layout(MAPS.astype(ml_dtypes.bfloat16)), grid=GRID, n_prefix=1)
    expected = torch.tensor(MAPS).bfloat16().float().numpy()
    assert (at.load_attention(buffer.getvalue()).maps == expected).all()


@pytest.mark.parametrize(
    "name", ["float8_e4m3fn", "float8_e5m2", "float8_e8m0fnu", "float4_e2m1fn"]
)
def test_float8_in_a_file_is_refused_in_a_sentence(name):
    rows = np.eye(13).astype(getattr(ml_dtypes, name))  # distributions even so
    with pytest.raises(at.AttentionError, match=r"float8, .* is too coarse"):
        at.load_attention(npz(maps=rows))


def test_one_layer_and_one_head_are_promoted():
    assert (at.Attention.from_arrays(MAPS[1], GRID, 1).maps == MAPS[1:]).all()
    assert (at.Attention.from_arrays(MAPS[1, 2], GRID, 1).maps == MAPS[1:, 2:]).all()


def test_what_the_caller_does_to_the_array_later_changes_nothing():
    values, pixels = MAPS.copy(), np.zeros((6, 8, 3), dtype=np.uint8)
    taken = at.Attention.from_arrays(values, GRID, 1, pixels)
    values[:], pixels[:] = 0, 9
    assert (taken.maps == MAPS).all()
    assert not taken.input_pixels.any()


def test_the_hash_is_of_what_the_numbers_depend_on():
    first = at.Attention.from_arrays(MAPS, GRID, 1)
    picture = np.zeros((6, 8, 3), dtype=np.uint8)
    assert first.sha256 == at.Attention.from_arrays(MAPS, GRID, 1, picture).sha256
    one_bit = MAPS.copy()
    one_bit[1, 2, 12, 12] = np.nextafter(one_bit[1, 2, 12, 12], 1)
    others = [
        at.Attention.from_arrays(one_bit, GRID, 1),
        at.Attention.from_arrays(MAPS, (4, 3), 1),
        at.Attention.from_arrays(MAPS, (1, 11), 2),
        at.Attention.from_arrays(MAPS.astype(np.float32), GRID, 1),
    ]
    assert len({one.sha256 for one in [first, *others]}) == 5


@pytest.mark.parametrize(
    ("maps", "grid", "n_prefix", "pixels", "sentence"),
    [
        (MAPS[0, 0, 0], GRID, 1, None, "needs the shape"),
        (MAPS[None], GRID, 1, None, r"needs the shape .*layer\[0\] for layer in"),
        (np.stack([MAPS, MAPS], axis=1), GRID, 1, None, r"layer\[0\] for layer in"),
        (MAPS[None, None], GRID, 1, None, "needs the shape"),
        (MAPS[..., :12], GRID, 1, None, "needs the shape"),
        (MAPS[:0], GRID, 1, None, "needs the shape"),
        (MAPS, GRID, 2, None, "make 14 tokens; the attention has 13"),
        (MAPS, (10**12, 10**12), 1, None, "the attention has 13"),
        (MAPS + np.where(np.eye(13) > 0, np.nan, 0), GRID, 1, None, "distributions"),
        (MAPS + np.where(np.eye(13) > 0, np.inf, 0), GRID, 1, None, "distributions"),
        (np.eye(13) * 2 - np.roll(np.eye(13), 1, axis=1), GRID, 1, None, "non-negative"),
        (MAPS * 0.99, GRID, 1, None, "with the sum 1"),
        (MAPS.astype(complex), GRID, 1, None, "real numbers"),
        ([["a", "b"]], GRID, 1, None, "real numbers"),
        ([[1.0], [0.5, 0.5]], GRID, 1, None, "one array"),
        ([MAPS[0], MAPS[1, :2]], GRID, 1, None, "one array"),
        (None, GRID, 1, None, 'attn_implementation="eager"'),
        ((), GRID, 1, None, 'attn_implementation="eager"'),
        ((None, None), GRID, 1, None, 'attn_implementation="eager"'),
        ((torch.tensor(MAPS[:1]), None), GRID, 1, None, 'attn_implementation="eager"'),
        (np.array([None, None]), GRID, 1, None, 'attn_implementation="eager"'),
        (MAPS, (3.0, 4.0), 1, None, "two positive whole numbers"),
        (MAPS, (-3, -4), 1, None, "two positive whole numbers"),
        (MAPS, (3, 4, 1), 1, None, "two positive whole numbers"),
        (MAPS, 12, 1, None, "two positive whole numbers"),
        (MAPS, GRID, 1.5, None, "whole number of at least 0"),
        (MAPS, GRID, -1, None, "whole number of at least 0"),
        (MAPS, GRID, 1, np.zeros((3, 4)), "input_pixels"),
        (MAPS, GRID, 1, np.zeros((3, 4, 3)), "type float64"),
        (MAPS, GRID, 1, np.zeros((2, 4, 3), np.uint8), "fewer than one for each"),
        (MAPS, GRID, 1, [[1], [2, 3]], "picture can't be read"),
    ],
)
def test_what_is_no_attention_is_refused_in_a_sentence(maps, grid, n_prefix, pixels, sentence):
    with pytest.raises(at.AttentionError, match=sentence) as caught:
        at.Attention.from_arrays(maps, grid, n_prefix, pixels)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        (3, "grid of 3 x 4 patches of 3 x 3 pixels doesn't fit into the picture"),
        ((2, 3), "of 2 x 3 pixels doesn't fit .* of 6 x 8 pixels"),
        (0, "one or two positive whole numbers"),
        ((0, 0), "one or two positive whole numbers"),
        ((2, -2), "one or two positive whole numbers"),
        (2.0, "one or two positive whole numbers"),
        ((2, 2, 2), "one or two positive whole numbers"),
        ("two", "one or two positive whole numbers"),
    ],
)
def test_a_patch_size_that_does_not_fit_is_refused(patch, sentence):
    pixels = np.zeros((6, 8, 3), np.uint8)
    with pytest.raises(at.AttentionError, match=sentence):
        at.Attention.from_arrays(MAPS, GRID, 1, pixels, patch)


@settings(max_examples=25, deadline=None)
@given(
    grid=st.tuples(st.integers(1, 4), st.integers(2, 5)),
    shape=st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3)),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 9),
)
def test_a_file_gives_back_what_was_saved_to_the_bit(grid, shape, dtype, seed):
    maps = neighbourly_maps(grid, *shape, seed=seed).astype(dtype)
    pixels = np.random.default_rng(seed).integers(0, 256, (13, 17, 3)).astype(np.uint8)
    patch = (1 + seed % 3, 1 + seed % 2)
    attention = at.Attention.from_arrays(maps, grid, shape[0], pixels, patch)
    assert attention.patch_size == patch
    assert same(at.load_attention(at.save_attention(attention)), attention)


def test_a_models_attention_comes_back_to_the_bit_from_a_path(astronaut, tmp_path):
    path = tmp_path / "attention.npz"
    path.write_bytes(at.save_attention(astronaut))
    assert same(at.load_attention(path), astronaut)
    assert same(at.load_attention(str(path)), astronaut)


def test_a_file_made_by_numpy_alone_is_read():
    assert same(at.load_attention(npz()), at.Attention.from_arrays(MAPS, GRID, 1))
    buffer = io.BytesIO()
    np.savez(buffer, maps=np.asfortranarray(MAPS[1, 2]), grid=np.int8(GRID), n_prefix=np.uint8(1))
    loaded = at.load_attention(buffer.getvalue())
    assert (loaded.maps == MAPS[1:, 2:]).all()


FILES = {
    "empty": (b"", "is empty"),
    "text": (b"maps, grid, n_prefix\n" * 9, "not a file of attention"),
    "only an array": (npy(MAPS), "not a file of attention"),
    "the mark alone": (b"PK", "damaged or cut off"),
    "no maps": (zipped({"grid.npy": npy(GRID), "n_prefix.npy": npy(1)}), "holds the arrays"),
    "something else too": (npz(secret=np.zeros(3)), "nothing else"),
    "nothing": (zipped({}), "holds the arrays"),
    "objects": (npz(grid=np.array([3, None], dtype=object)), "type that isn't read"),
    "records": (npz(grid=np.zeros(2, dtype=[("a", "i8")])), "type that isn't read"),
    "texts": (npz(maps=np.array([["a"]])), "type that isn't read"),
    "complex": (npz(maps=MAPS.astype(complex)), "type that isn't read"),
    "fractions of patches": (npz(grid=np.array([3.0, 4.0])), "type that isn't read"),
    "signed pixels": (npz(input_pixels=np.zeros((6, 8, 3), np.int8)), "type that isn't read"),
    "wide pixels": (npz(input_pixels=np.zeros((6, 8, 3), np.uint16)), "type uint8"),
    "flat pixels": (npz(input_pixels=np.zeros((6, 8), np.uint8)), "needs the shape"),
    "a long picture": (npz(input_pixels=np.zeros((3, 2049, 3), np.uint8)), "at most 2048"),
    "three sides": (npz(grid=np.array([3, 4, 1])), "two positive whole numbers"),
    "two prefixes": (npz(n_prefix=np.array([1, 2])), "must be a whole number"),
    "a negative prefix": (npz(n_prefix=np.int64(-1)), "at least 0"),
    "another grid": (npz(grid=np.array([4, 4])), "make 17 tokens"),
    "overflowing grid": (npz(grid=np.array([2**62, 2**62])), "the attention has 13"),
    "fractions of pixels": (npz(patch_size=np.array([2.0, 2.0])), "type that isn't read"),
    "patches too large": (
        npz(input_pixels=np.zeros((6, 8, 3), np.uint8), patch_size=3),
        "doesn't fit into the picture",
    ),
    "not distributions": (npz(maps=MAPS * 2), "distributions"),
    "not square": (npz(maps=MAPS[..., :12]), "needs the shape"),
    "a vector": (npz(maps=MAPS[0, 0, 0]), "needs the shape"),
    "five dimensions": (npz(maps=MAPS[None]), "needs the shape"),
    "six dimensions": (npz(maps=MAPS[None, None]), "needs the shape"),
    "two bytes that are pixels": (npz(input_pixels=np.zeros((6, 8, 3), "V2")), "type that isn't"),
    "a single token": (npz(maps=np.ones((1, 1)), grid=(1, 1), n_prefix=0), "from 2 to"),
    "a single patch": (npz(maps=np.eye(2), grid=(1, 1), n_prefix=1), "at least two"),
    "many layers": (
        npz(maps=np.tile(np.eye(2), (65, 64, 1, 1)), grid=(1, 2), n_prefix=0),
        "4160 heads in all; at most 4096",
    ),
    "many tokens": (
        npz(maps=np.eye(LARGEST_TOKENS + 1, dtype=np.int8), grid=(1, 1371), n_prefix=0),
        "1,371 tokens",
    ),
    "bzip": (zipped(plain(), zipfile.ZIP_BZIP2), "packed in a way"),
    "values missing": (zipped(plain(maps=npy(MAPS)[:-8])), "damaged or cut off"),
    "values too many": (zipped(plain(maps=npy(MAPS) + b"more")), "damaged or cut off"),
    "a huge shape": (zipped(plain(maps=declared((10**6, 10**6, 10**6, 10**6)))), "damaged"),
    "a negative shape": (zipped(plain(maps=declared((-1, -1, 2, 2)) + bytes(16))), "damaged"),
    "no numbers in the header": (zipped(plain(maps=b"\x93NUMPY\x01\x00\xff\xffx")), "damaged"),
    "no array": (zipped(plain(maps=b"\x80\x04N.")), "damaged"),
    "a newer version": (zipped(plain(maps=npy(MAPS, version=(3, 0)))), "damaged"),
    "deep brackets": (
        zipped(plain(maps=b"\x93NUMPY\x01\x00" + struct.pack("<H", 9000) + b"(" * 9000)),
        "damaged",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_in_a_sentence(name):
    data, sentence = FILES[name]
    with pytest.raises(at.AttentionError, match=sentence) as caught:
        at.load_attention(data)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_pickle_is_never_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").touch, ())

    data = npz(maps=np.array([Trap()], dtype=object))
    with pytest.raises(at.AttentionError, match="type that isn't read"):
        at.load_attention(data)
    assert not (tmp_path / "sprung").exists()


def test_the_same_array_twice_is_refused():
    # Under a name of the same length, which is then changed.
    data = zipped({**plain(), "twin.npy": npy(MAPS)}).replace(b"twin.npy", b"maps.npy")
    with pytest.raises(at.AttentionError, match="holds the arrays"):
        at.load_attention(data)


def test_an_encrypted_file_is_refused():
    data = bytearray(npz())
    # The flag of the first entry, in its own header and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(at.AttentionError, match="encrypted"):
        at.load_attention(bytes(data))


@pytest.mark.parametrize("megabytes", [0.007, 0.001])
def test_a_file_beyond_the_limit_is_refused(megabytes, tmp_path):
    data = npz()
    path = tmp_path / "attention.npz"
    path.write_bytes(data)
    for given_data in (data, path):
        with pytest.raises(at.AttentionError, match="more than the 0"):
            at.load_attention(given_data, max_megabytes=megabytes)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16", "float32", "float64"])
def test_the_limit_is_of_what_is_kept_in_memory(dtype):
    each = np.eye(13, dtype=dtype)[None, None].repeat(700, axis=1)  # every row is a distribution
    data = npz(maps=each)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        others = sum(entry.file_size for entry in archive.infolist()) - each.nbytes
    kept = at.load_attention(data, max_megabytes=10).maps.nbytes
    assert at.load_attention(data, max_megabytes=(kept + others) / 1e6).maps.nbytes == kept
    counted = "Unpacked" if each.nbytes == kept else "As float32, which all maps become"
    with pytest.raises(at.AttentionError, match=f"{counted}, this file has .* more than"):
        at.load_attention(data, max_megabytes=(kept + others - 1) / 1e6)


def test_small_maps_that_become_large_are_refused_before_they_do():
    packed = zipped(plain(maps=declared((40, 10, 300, 300), "|b1") + bytes(36_000_000)))
    assert memory_of_refusing(packed, r"has 144\.0 MB.* save fewer layers or heads\.") < 1e6


def test_vit_large_in_float32_fits():
    data = zipped(plain(maps=declared((24, 16, 197, 197)) + bytes(4 * 24 * 16 * 197**2)))
    with pytest.raises(at.AttentionError, match="197"):  # its size is no matter, its grid is
        at.load_attention(data)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(at.AttentionError, match="can't be read: No such file"):
        at.load_attention(tmp_path / "none.npz")


def memory_of_refusing(data: bytes, sentence: str, **options) -> int:
    """Refuse a file and return the most memory it took, in bytes."""
    tracemalloc.start()
    with pytest.raises(at.AttentionError, match=sentence):
        at.load_attention(data, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_bomb_is_refused_before_it_goes_off():
    shape = (40, 10, 500, 500)
    bomb = zipped(plain(maps=declared(shape) + bytes(400_000_000)))
    assert len(bomb) < 1e6
    assert memory_of_refusing(bomb, "Unpacked, this file has 400.0 MB") < 1e6
    # The same with a directory that lies about its size.
    size = struct.pack("<I", len(declared(shape)) + 400_000_000)
    assert bomb.count(size) == 2
    liar = bomb.replace(size, struct.pack("<I", 2_000_000))
    assert memory_of_refusing(liar, "damaged") < 3e6


def test_a_directory_without_end_is_refused_before_it_is_read():
    many = zipped({f"{number}.npy": b"" for number in range(20_000)})
    assert memory_of_refusing(many, "nothing else") < 1e6


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_damage_is_a_sentence_or_does_no_harm(data):
    whole = npz()
    kind = data.draw(st.sampled_from(["cut", "flip", "noise"]))
    place = data.draw(st.integers(0, len(whole) - 1))
    if kind == "cut":
        damaged = whole[:place]
    elif kind == "flip":
        flipped = whole[place] ^ data.draw(st.integers(1, 255))
        damaged = whole[:place] + bytes([flipped]) + whole[place + 1 :]
    else:
        damaged = whole[:place] + data.draw(st.binary(max_size=200))
    try:
        loaded = at.load_attention(damaged)
    except at.AttentionError:
        return
    assert (loaded.maps == MAPS).all()


def test_own_attention_is_analysed_as_a_models_is(astronaut):
    own = at.load_attention(at.save_attention(astronaut))
    first, second = at.analyse(astronaut, 9, 3), at.analyse(own, 9, 3)
    assert (first.distances.values == second.distances.values).all()
    assert at.compare(first, second) == at.Comparison(0.0, 0.0, 0.0)


def test_the_components_of_synthetic_attention_are_its_halves():
    maps = neighbourly_maps((6, 8), n_prefix=0)
    topology = at.analyse(at.Attention.from_arrays(maps, (6, 8), 0), 1, 2, "jensen-shannon")
    # Rows of different halves have nothing in common: their distance is the square root of ln 2.
    halves = at.skeleton_at(topology.distances, topology.tree, 0.832)
    assert halves.n_components == 2
    left = np.tile([True] * 4 + [False] * 4, 6)
    assert len(set(halves.leaders[left])) == len(set(halves.leaders[~left])) == 1
    assert at.skeleton_at(topology.distances, topology.tree, 0.833).n_components == 1


def test_a_softmax_in_bfloat16_is_attention():
    torch = pytest.importorskip("torch")
    logits = torch.from_numpy(3 * np.random.default_rng(0).normal(size=(2, 3, 50, 50)))
    maps = torch.softmax(logits, dim=-1).to(torch.bfloat16)
    assert (maps.double().sum(-1) - 1).abs().max() > 1e-3
    attention = at.Attention.from_arrays(maps, (7, 7), 1)
    assert attention.maps.dtype == np.float32
    at.analyse(attention, 1, 2)
