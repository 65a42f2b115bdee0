"""Which matrix gets which weight format, and whether the kernel is given, too."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpt486.errors import Gpt486Error
from gpt486.kernels import KERNELS
from gpt486.models.config import GPT2Config
from gpt486.quantize.formats import FORMATS, WeightFormat

MATRICES = ("attn_qkv", "attn_out", "mlp_in", "mlp_out", "lm_head")
"""The matrices of a model, those of a layer first."""

DEFAULT_FORMAT = "int8"


@dataclass(frozen=True)
class WeightChoice:
    """A format for all matrices, and others for some of them.

    A format may be followed by a kernel, "int4/subset64x4": otherwise the compiler chooses it.

    Attributes:
        default: format of all matrices that have none of their own.
        others: formats by matrix ("mlp_in") or by one layer's matrix ("h.0.mlp_in").
    """

    default: str = DEFAULT_FORMAT
    others: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def parse(text: str, layers: int | None = None) -> WeightChoice:
        """Read a choice such as "int4" or "ternary,lm_head=int8,h.0.mlp_in=int4/subset64x4".

        Args:
            text: the choice.
            layers: layers of the model, where they are known.

        Raises:
            Gpt486Error: there is no such format, kernel or matrix.
        """
        default, others = DEFAULT_FORMAT, {}
        for part in text.split(","):
            matrix, equals, name = part.strip().rpartition("=")
            form, slash, kernel = name.partition("/")
            if form not in FORMATS:
                raise Gpt486Error(f"--weights {text}: no such format: {form!r}; there are {', '.join(FORMATS)}")
            if slash and kernel not in FORMATS[form].kernels:
                raise Gpt486Error(
                    f"--weights {text}: {form} has no kernel {kernel!r}; it has {', '.join(FORMATS[form].kernels)}"
                )
            if not equals:
                default = name
                continue
            layer, _, member = matrix.rpartition(".")
            known = member in MATRICES
            if layer:
                known = known and member != "lm_head" and layer[:2] == "h." and _is_number(layer[2:])
                known = known and (layers is None or int(layer[2:]) < layers)
            if not known:
                raise Gpt486Error(
                    f"--weights {text}: the model has no matrix {matrix!r}; there are {', '.join(MATRICES)}, "
                    "and h.0.mlp_in for one of the first layer"
                )
            others[matrix] = name
        return WeightChoice(default, others)

    def _of(self, name: str) -> str:
        member = name.rpartition(".")[2]
        return self.others.get(name, self.others.get(member, self.default))

    def format_of(self, name: str) -> WeightFormat:
        """The format of a matrix by its op's name, such as "h.0.mlp_in" or "lm_head"."""
        return FORMATS[self._of(name).partition("/")[0]]

    def kernel_of(self, name: str) -> str | None:
        """The kernel that was asked for, if any."""
        return self._of(name).partition("/")[2] or None

    def __str__(self) -> str:
        return ",".join([self.default, *(f"{matrix}={name}" for matrix, name in self.others.items())])


def _is_number(text: str) -> bool:
    """Whether a text is a number as names of layers have it: no zeros before it, ASCII digits alone."""
    return text.isdecimal() and str(int(text)) == text


ALL_INT8 = WeightChoice()
"""What is taken where nothing else is said."""


def matrix_bytes(config: GPT2Config, weights: WeightChoice) -> int:
    """Bytes of all matrices with their scales, from the shapes alone: each with the first kernel of its format."""
    return sum(
        KERNELS[weights.kernel_of(name) or weights.format_of(name).kernels[0]].packed_bytes(rows, columns) + 8 * rows
        for name, rows, columns in _shapes(config)
    )


def least_matrix_bytes(config: GPT2Config, weights: WeightChoice) -> int:
    """The same at least: each with the kernel that takes the fewest bytes, and a row with no more than a bias."""
    total = 0
    for name, rows, columns in _shapes(config):
        asked = weights.kernel_of(name)
        names = weights.format_of(name).kernels if asked is None else (asked,)
        total += min(KERNELS[kernel].packed_bytes(rows, columns) for kernel in names) + 4 * rows
    return total


def _shapes(config: GPT2Config) -> list[tuple[str, int, int]]:
    """Name, rows and columns of each matrix."""
    width, inner = config.width, config.inner
    shapes = [
        (f"h.{layer}.{name}", rows, columns)
        for layer in range(config.layers)
        for name, rows, columns in (
            ("attn_qkv", 3 * width, width),
            ("attn_out", width, width),
            ("mlp_in", inner, width),
            ("mlp_out", width, inner),
        )
    ]
    return [*shapes, ("lm_head", config.vocabulary, width)]
