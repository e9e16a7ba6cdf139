"""Attention of all layers and heads of one photo, from a model here or from anywhere."""

from attntopo.attention.given import AttentionError
from attntopo.attention.maps import MEAN, ROLLOUT, Attention
from attntopo.attention.npz import load_attention, loading_effort, save_attention, saving_effort
from attntopo.attention.rows import NormalisedRows, Rollout, normalised_rows
from attntopo.attention.synthetic import ring_attention
