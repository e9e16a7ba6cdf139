import numpy as np
import pytest

from attntopo.attention.maps import Attention, AttentionError

PIXELS = np.zeros((4, 6, 3), dtype=np.uint8)


def maps(n_tokens: int = 7) -> np.ndarray:
    values = np.random.default_rng(0).random((2, 3, n_tokens, n_tokens)).astype(np.float32)
    return values / values.sum(axis=-1, keepdims=True)


def test_one_head_is_returned_read_only():
    values = maps()
    attention = Attention(values, grid=(2, 3), n_prefix=1, input_pixels=PIXELS)
    assert (attention.head(1, 2) == values[1, 2]).all()
    assert not attention.head(1, 2).flags.writeable


@pytest.mark.parametrize(("layer", "head"), [(2, 0), (0, 3), (-1, 0)])
def test_a_head_that_is_not_there_is_refused(layer, head):
    attention = Attention(maps(), grid=(2, 3), n_prefix=1, input_pixels=PIXELS)
    with pytest.raises(AttentionError, match="layers go from 0 to 1"):
        attention.head(layer, head)


@pytest.mark.parametrize(
    ("values", "grid", "message"),
    [
        (maps(8), (2, 3), "make 7 tokens"),
        (maps()[0], (2, 3), "shape"),
        (maps() * 1.1, (2, 3), "distributions"),
        (np.where(np.eye(7) > 0, np.nan, maps()), (2, 3), "distributions"),
        (maps() - np.eye(7) + np.roll(np.eye(7), 1, axis=1), (2, 3), "distributions"),
    ],
)
def test_what_is_not_attention_is_refused(values, grid, message):
    with pytest.raises(AttentionError, match=message):
        Attention(values, grid, 1, PIXELS)


def test_mean_and_rollout_by_plain_loops():
    maps = np.random.default_rng(0).dirichlet(np.ones(5), size=(3, 2, 5))
    attention = Attention.from_arrays(maps, (2, 2), 1)
    rollout = [[float(i == j) for j in range(5)] for i in range(5)]
    for layer in range(3):
        mean = [
            [(maps[layer, 0, i, j] + maps[layer, 1, i, j]) / 2 for j in range(5)] for i in range(5)
        ]
        np.testing.assert_allclose(attention.head(layer, "mean"), mean, rtol=1e-14)
        mixed = [[mean[i][j] / 2 + (0.5 if i == j else 0) for j in range(5)] for i in range(5)]
        sums = [sum(row) for row in mixed]
        mixed = [[value / total for value in row] for row, total in zip(mixed, sums, strict=True)]
        rollout = [
            [sum(mixed[i][k] * rollout[k][j] for k in range(5)) for j in range(5)] for i in range(5)
        ]
        np.testing.assert_allclose(attention.head(layer, "rollout"), rollout, rtol=1e-12)
    with pytest.raises(AttentionError, match="mean and rollout"):
        attention.head(0, "median")


def test_rollout_of_attention_to_oneself_is_the_identity():
    attention = Attention.from_arrays(np.broadcast_to(np.eye(5), (4, 3, 5, 5)), (2, 2), 1)
    assert np.array_equal(attention.head(3, "rollout"), np.eye(5))


def test_one_layer_alone_has_its_heads_and_holds_no_other():
    values = np.random.default_rng(0).dirichlet(np.ones(10), size=(4, 3, 10)).astype(np.float32)
    whole = Attention.from_arrays(values, (3, 3), 1)
    alone = whole.of_layer(2)
    assert np.array_equal(alone.head(2, 1), whole.head(2, 1))
    assert np.array_equal(alone.head(2, "mean"), whole.head(2, "mean"))
    assert alone.maps.nbytes == whole.maps.nbytes / 4
    assert not np.shares_memory(alone.maps, whole.maps)
    assert alone.of_layer(2) is alone
    with pytest.raises(AttentionError):
        alone.head(1, 0)
