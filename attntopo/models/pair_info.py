"""What the attention of two photos has in common."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attntopo.attention import Attention
from attntopo.models.info import ModelInfo
from attntopo.models.model_input import ModelInput
from attntopo.wording import counted


@dataclass(frozen=True)
class SharedInfo:
    """What two photos' attention has in common: what can be chosen for both.

    Attributes
    ----------
    sides : tuple of ModelInfo
        Of A and of B.
    """

    sides: tuple[ModelInfo, ...]

    @property
    def n_layers(self) -> int:
        """Number of layers that both have."""
        return min(side.n_layers for side in self.sides)

    @property
    def n_heads(self) -> int:
        """Number of heads a layer that both have."""
        return min(side.n_heads for side in self.sides)

    @property
    def heads_left_out(self) -> str:
        """Sentence that says that one has more heads than both; empty where neither has."""
        each = [side.n_layers * side.n_heads for side in self.sides]
        both = self.n_layers * self.n_heads
        if max(each) == both:
            return ""
        of_a = counted(each[0], "head")
        return f"Of {of_a} of A and {each[1]} of B, those that both have are looked at: {both}."

    @property
    def n_tokens(self) -> int:
        """Number of tokens of the side with fewer: no distance's bound grows with the tokens."""
        return min(side.n_tokens for side in self.sides)

    @property
    def input_sides(self) -> tuple[int, ...]:
        """Sides of a square input that all models that are run can take, ascending."""
        run = [side.input_sides for side in self.sides if side.id]
        return tuple(sorted(set(run[0]).intersection(*run[1:]))) if run else ()

    @property
    def own_side(self) -> int:
        """Side of the models' own input; 0 where they differ, or none is run."""
        own = {side.own_side for side in self.sides if side.id}
        return own.pop() if len(own) == 1 else 0

    def takes(self, chosen: ModelInput) -> bool:
        """Say whether all models that are run can take an input."""
        return all(side.takes(chosen) for side in self.sides)

    def with_input(self, chosen: ModelInput) -> "SharedInfo":
        """Return the same with the patch grids that an input makes of square photos."""
        return SharedInfo(tuple(side.with_input(chosen) for side in self.sides))

    @property
    def same_tokens(self) -> bool:
        """Whether both have equally many tokens, so that their numbers are like for like."""
        return len({side.n_tokens for side in self.sides}) == 1

    def seen(self, attended: Sequence[Attention]) -> "SharedInfo":
        """Return the same with the patch grids that the attention of A and of B really has."""
        pairs = zip(self.sides, attended, strict=True)
        return SharedInfo(tuple(replace(side, grid=one.grid) for side, one in pairs))

    @property
    def models(self) -> tuple[ModelInfo | None, ModelInfo | None]:
        """The models that are run for A and for B; None where attention was given."""
        first, second = (side if side.id else None for side in self.sides)
        return first, second

    @property
    def model(self) -> ModelInfo | None:
        """The model that is run; None where both sides' attention was given."""
        return next((side for side in self.sides if side.id), None)
