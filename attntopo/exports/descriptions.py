"""A model and a head -> what a file says that its numbers are of."""

from attntopo.models import OWN_INPUT, ModelInfo, ModelInput, library_versions


def describe_model_run(model: ModelInfo | None, suffix: str = "") -> dict[str, str]:
    """Say which model was run, for one side of a view or for all photos of a file.

    Parameters
    ----------
    model : ModelInfo, optional
        None where attention was given: model and commit are empty then.
    suffix : str
        Behind each name: `_b` for what B has of its own.

    Returns
    -------
    dict of str
        `model` and `commit`, and of an untrained twin `weights`: how they were drawn.
    """
    about = {f"model{suffix}": "", f"commit{suffix}": ""}
    if model is not None:
        about = {f"model{suffix}": model.id, f"commit{suffix}": model.commit}
        if model.weights:
            about[f"weights{suffix}"] = model.weights
    return about


def describe_heads(
    model: ModelInfo | None,
    distance: str,
    tokens: str,
    chosen: ModelInput = OWN_INPUT,
    **more: str,
) -> dict[str, str]:
    """Say what a file about heads of any number of photos is of.

    Parameters
    ----------
    model : ModelInfo, optional
        None where no model was run, as attention was given.
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}
    chosen : ModelInput
        What was made of the photos for the model.
    **more : str
        What else is to be said, by name: layer and head where there is one.

    Returns
    -------
    dict of str
        By the names that links have, with the model's commit and the versions of torch and
        transformers where a model was run.
    """
    about = describe_model_run(model)
    if model is not None:
        about |= library_versions()
        side = chosen.side or model.own_side
        about |= {"input": str(side), "shape": chosen.shape} if side else {}
    return about | {"distance": distance, "tokens": tokens} | more
