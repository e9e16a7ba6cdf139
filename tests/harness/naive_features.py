"""The features of a head computed anew by loops, networkx and simplex trees."""

import math

import networkx as nx
import numpy as np


def normalised(attention: np.ndarray) -> list[list[float]]:
    rows = attention.astype(float).tolist()
    return [[value / math.fsum(row) for value in row] for row in rows]


def entropy(weights: list[float]) -> float:
    total = math.fsum(weights)
    return -math.fsum(w / total * math.log(w / total) for w in weights if w > 0)


def barcode(bars: list[tuple[float, float]], birth: float, death: float) -> dict[str, float]:
    bars = sorted(bar for bar in bars if bar[1] < math.inf)
    lengths = [bar[1] - bar[0] for bar in bars]
    mean = math.fsum(lengths) / len(bars) if bars else 0
    square = math.fsum((length - mean) ** 2 for length in lengths)
    longest = bars[lengths.index(max(lengths))] if bars else (0, 0)
    return {
        "number of bars": len(bars),
        "sum of lengths": math.fsum(lengths),
        "mean of lengths": mean,
        "standard deviation of lengths": math.sqrt(square / len(bars)) if bars else 0,
        "persistence entropy": entropy(lengths),
        "bars born above the threshold": len([bar for bar in bars if bar[0] > birth]),
        "bars born at or below the threshold": len([bar for bar in bars if not bar[0] > birth]),
        "bars dying above the threshold": len([bar for bar in bars if bar[1] > death]),
        "bars dying at or below the threshold": len([bar for bar in bars if not bar[1] > death]),
        "birth of the longest bar": longest[0],
        "death of the longest bar": longest[1],
    }


def graph(attention: np.ndarray, threshold: float) -> dict[str, float]:
    rows = normalised(attention)
    directed = nx.DiGraph()
    directed.add_nodes_from(range(len(rows)))
    for i, row in enumerate(rows):
        directed.add_edges_from((i, j) for j, a in enumerate(row) if i != j and a >= threshold)
    undirected = nx.Graph(directed)
    return {
        "weakly connected components": nx.number_weakly_connected_components(directed),
        "strongly connected components": nx.number_strongly_connected_components(directed),
        "edges": directed.number_of_edges(),
        "mean degree": directed.number_of_edges() / len(rows),
        "b0": nx.number_connected_components(undirected),
        "b1": len(nx.cycle_basis(undirected)),
    }


def graph_as_published(attention: np.ndarray, threshold: float) -> dict[str, float]:
    """Count as danchern97/tda4atd does: in a MultiDiGraph with self-loops, components to 500."""
    directed = nx.MultiDiGraph()
    rows = normalised(attention)
    directed.add_nodes_from(range(len(rows)))
    directed.add_edges_from(
        (i, j) for i, row in enumerate(rows) for j, a in enumerate(row) if a >= threshold
    )
    simple = nx.Graph(directed.to_undirected())
    components = nx.number_connected_components(simple)
    return {
        "weakly connected components": min(500, nx.number_weakly_connected_components(directed)),
        "strongly connected components": min(
            500, nx.number_strongly_connected_components(directed)
        ),
        "edges": directed.number_of_edges(),
        "mean degree": sum(degree for _, degree in directed.degree()) / len(rows),
        "b0": components,
        "b1": simple.number_of_edges() - simple.number_of_nodes() + components,
    }


def templates(grid: tuple[int, int], n_prefix: int) -> dict[str, np.ndarray]:
    """Each template, a row for each patch, from a list of the tokens that a patch attends to."""
    cells = [(row, column) for row in range(grid[0]) for column in range(grid[1])]
    token = {cell: n_prefix + k for k, cell in enumerate(cells)}
    steps = [(1, 0), (-1, 0), (0, 1), (0, -1)]
    n_tokens = n_prefix + len(cells)
    sets = {
        "identity": [[token[r, c]] for r, c in cells],
        "uniform": [list(range(n_tokens)) for _ in cells],
        "class token": [[0] if n_prefix else [] for _ in cells],
        "other prefix tokens": [list(range(1, n_prefix)) for _ in cells],
        "four neighbours": [
            [token[r + y, c + x] for y, x in steps if (r + y, c + x) in token] for r, c in cells
        ],
        "same row": [[token[r, x] for x in range(grid[1])] for r, c in cells],
        "same column": [[token[y, c] for y in range(grid[0])] for r, c in cells],
    }
    found = {}
    for name, tokens in sets.items():
        if all(tokens):
            found[name] = np.zeros((len(cells), n_tokens))
            for patch, attended in enumerate(tokens):
                found[name][patch, attended] = 1 / len(attended)
    return found


def template_distances(
    attention: np.ndarray, grid: tuple[int, int], n_prefix: int
) -> dict[str, float]:
    A = [a for row in normalised(attention)[n_prefix:] for a in row]
    distances = {}
    for name, template in templates(grid, n_prefix).items():
        T = template.ravel().tolist()
        squares = math.fsum(a * a for a in A) + math.fsum(t * t for t in T)
        distances[name] = math.dist(A, T) / math.sqrt(squares)
    return distances


def attention_entropy(attention: np.ndarray, n_prefix: int) -> float:
    entropies = [entropy(row) for row in normalised(attention)[n_prefix:]]
    return math.fsum(entropies) / len(entropies)


def attention_distance(attention: np.ndarray, grid: tuple[int, int], n_prefix: int) -> float:
    cells = [(row, column) for row in range(grid[0]) for column in range(grid[1])]
    expected = []
    for cell, row in zip(cells, normalised(attention)[n_prefix:], strict=True):
        total = math.fsum(row[n_prefix:])
        if total > 0:
            parts = zip(row[n_prefix:], cells, strict=True)
            expected.append(math.fsum(a * math.dist(cell, other) for a, other in parts) / total)
    return math.fsum(expected) / len(expected) if expected else 0


def simplex_tree_bars(values: np.ndarray, dimension: int) -> list[tuple[float, float]]:
    import gudhi

    tree = gudhi.RipsComplex(distance_matrix=values).create_simplex_tree(max_dimension=2)
    tree.compute_persistence(homology_coeff_field=2)
    return [tuple(bar) for bar in tree.persistence_intervals_in_dimension(dimension).tolist()]
