"""Which kernel multiplies by which matrix: the one that takes the fewest clocks, within the memory that there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gpt486.kernels import KERNELS
from gpt486.lower.cost import CostModel, Ending, ProductCost
from gpt486.ops.matvec import InputLimits
from gpt486.quantize.formats import FORMATS
from gpt486.quantize.rows import QuantizedMatrix


@dataclass(frozen=True)
class Choice:
    """A kernel for a matrix, and why.

    Attributes:
        kernel: its name.
        cost: what it is predicted to take.
        considered: what every kernel of the format would take in clocks, or why it cannot be used.
    """

    kernel: str
    cost: ProductCost
    considered: dict[str, float | str]

    def to_json(self) -> dict[str, object]:
        """As plain data, for BUILD.JSON."""
        rounded = {name: value if isinstance(value, str) else round(value) for name, value in self.considered.items()}
        return {
            "kernel": self.kernel,
            "predicted_clocks": round(self.cost.clocks),
            "bytes": self.cost.bytes,
            "considered": rounded,
        }


@dataclass(frozen=True)
class Chooser:
    """Chooses kernels for a machine.

    Attributes:
        costs: of the machine.
        price: clocks that a byte of memory is worth; more where memory is scarce.
    """

    costs: CostModel
    price: float = 0.0

    def choose(self, weights: QuantizedMatrix, asked: str | None, ending: Callable[[InputLimits], Ending]) -> Choice:
        """The kernel for a matrix.

        Args:
            weights: the matrix.
            asked: the kernel that was asked for, if any.
            ending: how the product begins and ends, by how large its inputs may be with a kernel.
        """
        form = FORMATS[weights.format]
        rows, columns = weights.shape
        found: dict[str, ProductCost] = {}
        considered: dict[str, float | str] = {}
        for name in form.kernels:
            kernel = KERNELS[name]
            if not kernel.can_hold(weights.codes):
                considered[name] = "has no pattern for some of the weights"
                continue
            limits = InputLimits(weights, kernel)
            cost = self.costs.product(kernel, rows, columns, ending(limits))
            if limits.bits < form.input_bits and name != asked:
                considered[name] = f"takes inputs of {limits.bits} bits; {form.name} wants {form.input_bits}"
                continue
            found[name] = cost
            considered[name] = cost.clocks
        if asked is not None:
            best = asked
        elif found:
            best = min(found, key=lambda name: found[name].clocks + self.price * found[name].bytes)
        else:
            best = form.kernels[0]
        if best not in found:
            found[best] = self.costs.product(KERNELS[best], rows, columns, Ending())
        return Choice(best, found[best], considered)
