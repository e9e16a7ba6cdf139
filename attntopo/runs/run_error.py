"""What is said of a run that can't begin or go on."""


class RunError(RuntimeError):
    """A run can't begin or go on; the message is one or two sentences for who started it."""


class StorageGoneError(RunError):
    """Photos can't be read, or rows not written, at the moment: the same command goes on later."""


class WorkerLostError(RunError):
    """The process that worked on a piece has ended: another one can do it."""
