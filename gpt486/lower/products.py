"""Matrix products: quantized, given a kernel, and joined to the layer norm before them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpt486.kernels import KERNELS
from gpt486.lower.choose import Choice, Chooser
from gpt486.lower.cost import Ending
from gpt486.lower.weights import WeightChoice
from gpt486.models.gpt2 import LayerNorm, Linear
from gpt486.ops.arithmetic import bit_length
from gpt486.ops.base import Vector
from gpt486.ops.layer_norm import OUTPUT_BITS, LayerNormOp
from gpt486.ops.matvec import InputLimits, MatVec
from gpt486.quantize.rows import QuantizedMatrix, Real

LEAST_FRACTION = 6
"""Fraction bits that an activation needs of its input."""

ENOUGH_BITS = 11
"""Bits of a layer norm's bound that leave enough for its usual output, which is two bits smaller."""

UNIFORM_LOSS = 1.1
"""One scale for all rows is taken where the squared error of the weights grows by no more than this factor,"""

UNIFORM_NOISE = 2e-4
"""or is no more than this share of their squares: 37 decibels below them, where other roundings are louder."""


class Quantizer:
    """Quantizes the matrices of a model; each one once, however often the lowering is tried.

    Args:
        weights: which format each matrix has.
    """

    def __init__(self, weights: WeightChoice) -> None:
        self.weights = weights
        self._quantized: dict[str, QuantizedMatrix] = {}
        self._uniform: dict[str, QuantizedMatrix | None] = {}

    def uniform(self, name: str, linear: Linear) -> QuantizedMatrix | None:
        """The matrix with one scale for all rows, where that is hardly worse than one for each."""
        if name not in self._uniform:
            form = self.weights.format_of(name)
            found = form.quantize_uniform(linear.weight)
            by_row = self.quantized(name, linear)
            least = UNIFORM_NOISE * float(np.square(linear.weight.astype(np.float64)).sum())
            allowed = max(UNIFORM_LOSS * by_row.error(linear.weight), least)
            good = found.mantissas[0] > 0 and found.error(linear.weight) <= allowed
            self._uniform[name] = found if good else None
        return self._uniform[name]

    def quantized(self, name: str, linear: Linear) -> QuantizedMatrix:
        """The matrix in the format that was chosen for it, with a scale for each row."""
        if name not in self._quantized:
            self._quantized[name] = self.weights.format_of(name).quantize(linear.weight)
        return self._quantized[name]


class Products:
    """Makes the products of a model.

    Args:
        quantizer: quantizes the matrices, each to the format that was chosen for it.
        chooser: chooses their kernels.
        epsilon: of the layer norms.
    """

    def __init__(self, quantizer: Quantizer, chooser: Chooser, epsilon: float) -> None:
        self.quantizer = quantizer
        self.chooser = chooser
        self.epsilon = epsilon

    def product(self, name: str, source: Vector, target: str, linear: Linear, fraction: int | None = None) -> MatVec:
        """A product in the format that was chosen for it, with the kernel that suits it best."""
        weights = self.quantizer.quantized(name, linear)
        choice = self.choose(name, weights, lambda limits: Ending(narrows=source.bound > limits.most))
        return self._matvec(name, source, target, weights, linear, fraction, choice)

    def normed(
        self,
        norm: tuple[str, LayerNorm],
        source: Vector,
        name: str,
        target: str,
        linear: Linear,
        fraction: int | None = None,
    ) -> tuple[LayerNormOp, MatVec]:
        """A layer norm and the product that reads its output.

        Where one scale for all rows is about as good as one for each, it moves into the layer norm, whose output has
        as many bits as the product can take: then the sums need no scaling at all. Beta moves into the product's bias.

        Args:
            norm: the layer norm's name and weights.
            source: its input.
            name: the product's name.
            target: the product's output.
            linear: the matrix and its bias.
            fraction: fraction bits of the product where its sums are scaled; chosen from its bound when None.
        """
        norm_name, weights = norm
        uniform = self.quantizer.uniform(name, linear)
        if uniform is not None:
            scale = np.float32(uniform.scales[0])
            scaled = LayerNorm(weights.gamma * scale, np.zeros_like(weights.beta))
            codes = uniform.without_scale()
            choice = self.choose(name, codes, lambda limits: Ending(narrows=False, scales=False))
            most = InputLimits(codes, KERNELS[choice.kernel]).most
            for bits in (bit_length(most), bit_length(most) - 1):
                ln = LayerNormOp(norm_name, source, "normed", scaled, self.epsilon, bits, biased=False)
                if ln.output.bound <= most and ln.output.fraction >= LEAST_FRACTION:
                    beta = weights.beta.astype(np.float64) * float(scale) + ln.mean_error
                    biased = _with_beta(linear, codes, beta)
                    return ln, self._matvec(name, ln.output, target, codes, biased, None, choice)
        codes = self.quantizer.quantized(name, linear)
        choice = self.choose(name, codes, lambda limits: Ending(narrows=limits.bits < ENOUGH_BITS))
        bits = InputLimits(codes, KERNELS[choice.kernel]).bits
        # With so many bits, the layer norm's own output will do; with fewer it is scaled to its largest element.
        bits = bits if bits >= ENOUGH_BITS else OUTPUT_BITS
        without_beta = LayerNorm(weights.gamma, np.zeros_like(weights.beta))
        ln = LayerNormOp(norm_name, source, "normed", without_beta, self.epsilon, bits, biased=False)
        biased = _with_beta(linear, codes, weights.beta.astype(np.float64) + ln.mean_error)
        return ln, self._matvec(name, ln.output, target, codes, biased, fraction, choice)

    def choose(self, name: str, weights: QuantizedMatrix, ending: Callable[[InputLimits], Ending]) -> Choice:
        """The kernel that was asked for, or the best one."""
        return self.chooser.choose(weights, self.quantizer.weights.kernel_of(name), ending)

    @staticmethod
    def _matvec(
        name: str,
        source: Vector,
        target: str,
        weights: QuantizedMatrix,
        linear: Linear,
        fraction: int | None,
        choice: Choice,
    ) -> MatVec:
        op = MatVec(name, source, target, weights, linear.bias, fraction, choice.kernel)
        op.choice = choice.to_json()
        return op


def _with_beta(linear: Linear, weights: QuantizedMatrix, beta: Real) -> Linear:
    """A product whose bias has what the beta of the layer norm before it comes to: W (y + beta) = W y + W beta."""
    return Linear(linear.weight, (linear.bias + weights.dequantized() @ beta).astype(np.float32))
