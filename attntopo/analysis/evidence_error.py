"""What is raised where evidence can't be had."""


class EvidenceError(ValueError):
    """A null, a rank or a comparison can't be had; the message says why."""
