"""Examples in a command's help."""


def shell_examples(*lines: str) -> str:
    """Return lines of a shell as the end of a command's help, for click's `epilog`."""
    # \b keeps click from filling the lines up.
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
