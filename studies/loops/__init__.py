"""Do loops run round objects, and are they longer than by chance: the study of loops."""
