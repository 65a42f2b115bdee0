from __future__ import annotations

import jinja2
import pytest

from gpt486.emit.kernels import kernel_renderer
from gpt486.paths import ASM


def test_a_kernel_becomes_a_naked_procedure() -> None:
    source = (
        ";! Function twice(ByVal x As Long) As Long\n;\n; Two times x.\n\n        mov eax, [esp+4]  ; x\n        ret\n"
    )
    environment = jinja2.Environment(loader=jinja2.DictLoader({"twice.asm": source}))
    assert kernel_renderer(environment)("twice") == (
        "' Two times x.\n"
        "Function twice Naked Cdecl (ByVal x As Long) As Long\n"
        "    Asm\n"
        "        mov eax, [esp+4]  ' x\n"
        "        ret\n"
        "    End Asm\n"
        "End Function"
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in (ASM / "kernels").glob("*.asm")))
def test_every_kernel_renders_and_its_labels_are_its_own(name: str) -> None:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(ASM / "kernels"), undefined=jinja2.StrictUndefined)
    text = kernel_renderer(environment, group_counts=[1, 16], gelu_entries=4096, embed_shift=1)(name)
    labels = [line.strip() for line in text.splitlines() if line.endswith(":")]
    assert all(label.startswith(name) for label in labels)
    assert len(set(labels)) == len(labels)
    assert not any(";" in line.partition("'")[0] for line in text.splitlines())
    assert "{" not in text


def test_a_file_without_a_prototype() -> None:
    environment = jinja2.Environment(loader=jinja2.DictLoader({"bad.asm": "nop\n"}))
    with pytest.raises(AssertionError, match="begins with"):
        kernel_renderer(environment)("bad")
