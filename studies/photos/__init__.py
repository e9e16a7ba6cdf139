"""Do diagrams tell photos apart better than trivial baselines: the study of photos."""
