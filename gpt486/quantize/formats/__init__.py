"""Weight formats. A new one is a file here, and a line in this list."""

from gpt486.quantize.formats.base import WeightFormat
from gpt486.quantize.formats.fixed16 import Fixed16
from gpt486.quantize.formats.int2 import Int2
from gpt486.quantize.formats.int4 import Int4
from gpt486.quantize.formats.int8 import Int8
from gpt486.quantize.formats.ternary import Ternary
from gpt486.quantize.formats.ternary34 import Ternary34

FORMATS: dict[str, WeightFormat] = {
    form.name: form for form in (Fixed16(), Int8(), Int4(), Int2(), Ternary(), Ternary34())
}
"""Every format by its name."""

__all__ = ["FORMATS", "WeightFormat"]
