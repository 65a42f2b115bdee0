"""The program's books, the plan and the pages that were touched agree; too little memory is said with names."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from emulator import RunResult, Session, run_program
from emulator.memory import KB, MB, PAGE
from gpt486.backends import Request, dosboxed, native
from gpt486.basic import compile_source
from gpt486.build import BuildOptions, build, load_build
from gpt486.lower.memory import PROGRAM_RESERVE, smallest_pc
from gpt486.models import ModelError
from gpt486.models.random_model import write_random_model
from gpt486.observe.guest_memory import GuestMemory, MemoryReport, PageUse, ReportError, parse_report
from gpt486.toolchain.dosbox import run_dosbox

HIMEM = 64 * KB
"""HIMEM hands out what lies above 1 MB and the high memory area."""


class Run:
    """A finished run of GPT.EXE: what it printed, its books, the pages."""

    def __init__(self, folder: Path, tail: str, memory_mb: int = 32, **options: Any) -> None:
        output: list[bytes] = []
        session = Session(
            folder / "GPT.EXE",
            tail.encode(),
            folder=folder,
            console=output.append,
            map_file=folder / "GPT.MAP",
            memory_mb=memory_mb,
            **options,
        )
        self.session = session
        self.guest = GuestMemory(session)
        self.result: RunResult = session.run()
        self.text = b"".join(output).decode("latin-1")

    @property
    def pages(self) -> dict[str, PageUse]:
        return {part.name: part for part in self.guest.pages()}


def up(size: int) -> int:
    """Pages of so many bytes."""
    return -(-size // PAGE)


@pytest.fixture
def reported(any_build: Path) -> tuple[Run, dict[str, Any]]:
    return Run(any_build, "/N 3 /E /M the"), load_build(any_build)["memory"]


def test_books_and_plan_agree(reported: tuple[Run, dict[str, Any]]) -> None:
    run, plan = reported
    printed, books = parse_report(run.text), run.guest.report()
    assert printed.program is not None
    assert books.program is not None
    # Printing the report takes some strings.
    assert printed.program.free + printed.program.heap == books.program.free + books.program.heap
    now = {"heap": books.program.heap, "heap_peak": books.program.heap_peak, "free": books.program.free}
    assert replace(printed, program=replace(printed.program, **now)) == books

    assert [asdict(piece) for piece in books.pieces] == [
        {**region, "held": not region["name"].startswith("symbol")} for region in plan["regions"]
    ]
    assert books.most == plan["by_purpose"]
    assert books.peak == books.limit == plan["total"] == sum(books.most.values())
    assert books.used == sum(books.now.values()) == sum(piece.bytes for piece in books.pieces if piece.held)
    sizes = asdict(books.program)
    assert {key: sizes[key] for key in plan["program"]} == plan["program"]


def test_every_byte_of_extended_memory_is_accounted_for(reported: tuple[Run, dict[str, Any]]) -> None:
    run, _ = reported
    books = run.guest.report()
    assert books.program is not None
    p = books.program
    sum_of_all = p.image + p.bss + p.stack + books.limit + p.heap + p.free
    lost = 32 * MB - MB - HIMEM - sum_of_all
    # The image and the heap begin at pages; the arena at a multiple of 256.
    assert 0 <= lost < 2 * PAGE + 256 + 32


def test_every_touched_page_is_accounted_for(reported: tuple[Run, dict[str, Any]]) -> None:
    run, plan = reported
    books, pages, result = run.guest.report(), run.pages, run.result
    assert books.program is not None
    assert sum(part.bytes for part in pages.values()) == result.peak_memory_bytes
    assert pages["elsewhere"].pages == 0
    # Below 1 MB DOS first loads the whole file, its environment in front of it, with a stack of 2 KB behind.
    exe = (run.session.dos.folder.root / "GPT.EXE").stat().st_size
    assert pages["below 1 MB"].bytes == result.conventional_bytes
    assert books.program.below < pages["below 1 MB"].bytes <= max(exe + 2048, books.program.below) + 2 * PAGE
    # Above, all of image and variables, as much of the stack as was used, and all of the heap up to its top.
    program = books.program.image + books.program.bss
    assert pages["code and data"].pages + pages["variables"].pages in (up(program) - 1, up(program))
    assert 1 <= pages["stack"].bytes <= books.program.stack // 4
    assert abs(pages["arena"].pages - up(plan["total"])) <= 1
    heap = 256 + books.limit + books.program.heap_peak + 8
    assert (
        pages["arena"].pages + pages["heap"].pages <= up(heap) + 2
    )  # a page may hold the end of one and the beginning of the other
    # So the plan tells the peak to a few pages: what it leaves open is the stack's depth and the strings.
    planned = plan["total"] + plan["program"]["image"] + plan["program"]["bss"]
    assert planned < result.extended_bytes < planned + 5 * PAGE + books.program.heap_peak
    assert program + books.program.stack + books.program.heap_peak + 3 * PAGE < PROGRAM_RESERVE


@pytest.mark.parametrize("memory_mb", [2])
def test_too_small_a_pc(shipped: Path, memory_mb: int) -> None:
    plan = load_build(shipped)["memory"]
    run = Run(shipped, "/N 3 the", memory_mb)
    books = run.guest.report()
    left, held = books.limit, []
    for region in plan["regions"]:
        if region["bytes"] > left:
            break
        left -= region["bytes"]
        held.append(region)
    program = sum(plan["program"][key] for key in ("image", "bss", "stack"))
    holders = ", ".join([f"the program itself {program}", *(f"{r['name']} {r['bytes']}" for r in held)])
    assert run.result.exit_code == 1
    assert run.text == (
        f"\r\nGPT: no memory for {region['name']}: it asks for {region['bytes']} bytes "
        f"({region['purpose'].replace('_', ' ')}), {left} of {books.limit} are left. The rest is held by {holders}. "
        f"In all {plan['total']} are needed: a PC with {smallest_pc(plan['total'])} MB has them.\r\n"
    )
    assert [piece.name for piece in books.pieces] == [r["name"] for r in held]
    # It says so before it reads anything of the disk.
    assert run.result.instructions < 3_000_000


def test_the_smallest_pc_is_large_enough(any_build: Path) -> None:
    total = load_build(any_build)["memory"]["total"]
    run = Run(any_build, "/N 3 /E the", smallest_pc(total))
    assert run.result.exit_code == 0, run.text


def test_no_extended_memory_at_all(shipped: Path) -> None:
    run = Run(shipped, "the", 1)
    assert run.result.exit_code == 254
    program = load_build(shipped)["memory"]["program"]
    needed = sum(program[key] for key in ("image", "bss", "stack")) + PAGE - 1
    assert f"needs {-(-needed // KB)} KB, and 0 KB are free" in run.text
    with pytest.raises(ReportError, match="not opened its arena"):
        run.guest.report()


def in_dosbox(folder: Path, memory_mb: int) -> tuple[str, int | None]:
    if not dosboxed.available():
        pytest.skip("dosbox is not installed (apt-get install dosbox)")
    output: list[bytes] = []
    command = "GPT.EXE /N 2 /E /M the"
    result = run_dosbox(folder, command, time_limit=120, on_output=output.append, memory_mb=memory_mb)
    return b"".join(output).decode("latin-1"), result.exit_code


def test_the_books_are_the_same_in_dosbox(own_build: Path) -> None:
    text, code = in_dosbox(own_build, 16)
    assert code == 0
    there, here = parse_report(text), parse_report(Run(own_build, "/N 2 /E /M the").text)
    assert there.program is not None
    assert here.program is not None
    free = there.program.free
    assert there == replace(here, program=replace(here.program, free=free))
    assert free < 15 * MB < here.program.free


def test_too_small_a_pc_in_dosbox(shipped: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(shipped, tmp_path / "c"))
    text, code = in_dosbox(folder, 2)
    assert code == 1
    assert "GPT: no memory for model: it asks for " in text
    assert "The rest is held by the program itself " in text


def test_the_books_of_a_native_program(built: Path) -> None:
    if not native.available():
        pytest.skip("fbc is not installed")
    run = native.run_native(built, Request(b"the", 2, ignore_end=True, memory=True), 300)
    here = parse_report(Run(built, "/N 2 /E /M the").text)
    assert parse_report(run.text.decode("latin-1")) == replace(here, program=None)


MORE = """
model_load()
{demand}
Print "not reached"
"""


@pytest.mark.parametrize(
    ("demand", "message"),
    [
        (
            'Dim As Any Ptr p = arena_take("extra", 100000, FOR_BUFFERS)',
            "no memory for extra: it asks for 100000 bytes (buffers), ",
        ),
        (
            'For i As Long = 1 To 99\nDim As Any Ptr p = arena_take("crumbs", 1, FOR_TABLES)\nNext',
            "no memory for crumbs: it asks for 16 bytes (tables), ",
        ),
        (
            'Dim As Any Ptr p = arena_take("everything", 4294967295ul, FOR_TABLES)',
            "no memory for everything: it asks for 4294967295 bytes (tables), ",
        ),
    ],
)
def test_more_than_was_planned(own_build: Path, demand: str, message: str) -> None:
    source = (own_build / "GPT.BAS").read_text()
    units = source[: source.index("Dim Shared As Long wanted_tokens")]
    executable = compile_source(units + MORE.format(demand=demand), "GPT.BAS").build()
    (own_build / "GPT.EXE").write_bytes(executable.exe)
    executable.map.write(own_build / "GPT.MAP")
    plan = load_build(own_build)["memory"]
    run = Run(own_build, "")
    assert run.result.exit_code == 1
    assert message in run.text
    assert "candidates 2400" in run.text
    assert run.text.endswith("The memory plan has no room for it.\r\n")
    assert run.guest.report().limit == plan["total"]


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose cache takes nearly all of 32 MB with a context of 15,190, and more with 15,560."""
    folder = tmp_path_factory.mktemp("wide")
    write_random_model(folder / "wide", layers=14, heads=1, width=64, context=16000, vocabulary=300)
    return folder / "wide"


def test_the_largest_plan_runs_in_32_mb(wide: Path, tmp_path: Path) -> None:
    facts = build(wide, tmp_path, BuildOptions(context=15190))
    assert 30.6 < facts["memory"]["total"] / MB < 30.7
    run = Run(tmp_path, "/N 2 /E /M ab")
    assert run.result.exit_code == 0
    assert parse_report(run.text).most == facts["memory"]["by_purpose"]
    # What no run has needed so far is what PROGRAM_RESERVE keeps in reserve.
    books = run.guest.report()
    assert books.program is not None
    assert books.program.free > 0


def test_a_larger_plan_is_refused_with_names(wide: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        build(wide, tmp_path, BuildOptions(context=15560))
    message = str(error.value)
    assert "a PC with 32 MB has 30.7 MB for it" in message
    assert "There is no memory for symbol_rules: it asks for 0.7 MB (buffers), " in message
    assert "the rest is held by weights 2.7 MB, kv cache 26.6 MB" in message
    assert "-c 7780" in message


def test_a_program_without_an_arena(tmp_path: Path) -> None:
    executable = compile_source('Print "hello"', "H.BAS").build()
    (tmp_path / "GPT.EXE").write_bytes(executable.exe)
    executable.map.write(tmp_path / "GPT.MAP")
    with pytest.raises(ReportError, match="has no arena"):
        Run(tmp_path, "")


def test_overwritten_books_are_read_to_an_end(built: Path) -> None:
    """A program may go wrong and write anywhere: what it leaves is reported as it is, and nothing hangs."""
    run = Run(built, "/N 1 /E x")
    session = run.session
    base = session.symbols.base()
    assert base is not None
    before = run.guest.report()
    program = before.program
    assert program is not None

    def put(name: str, index: int, value: int) -> None:
        assert session.symbols.map is not None
        symbol = session.symbols.map.symbol(name)
        assert symbol is not None
        at = base + symbol.offset + 4 * index
        session.machine.memory.ram[at : at + 4] = list(value.to_bytes(4, "little"))

    put("v_arena_piece", 1, 99)
    put("v_free_list", 0, base)  # whose "next" is wherever the code's second dword leads
    after = run.guest.report()
    assert [piece.purpose for piece in after.pieces] == ["?", *(piece.purpose for piece in before.pieces[1:])]
    put("v_free_list", 0, 0xFFFFFFF0)
    assert run.guest.report().program == replace(program, free=0)
    put("v_arena_seen", 0, 1000)
    with pytest.raises(ReportError):
        run.guest.report()


def report_text(folder: Path) -> str:
    output: list[bytes] = []
    run_program(folder / "GPT.EXE", b"/N 1 /E /M x", folder=folder, console=output.append)
    return b"".join(output).decode("latin-1")


def test_a_report_is_found_in_any_text(built: Path) -> None:
    text = report_text(built)
    whole = parse_report(text)
    assert parse_report("C:\\>GPT /M\r\n" + text + "\r\nC:\\>") == whole
    native: MemoryReport = parse_report(text.partition("Beside")[0])
    assert native == replace(whole, program=None)


@pytest.mark.parametrize("spoiled", ["", "Held by:", "  weights", "  heap", "  all", " of ", "  lookup"])
def test_a_damaged_report(built: Path, spoiled: str) -> None:
    text = report_text(built).replace(spoiled, "?") if spoiled else "One day"
    with pytest.raises(ReportError, match="no whole report"):
        parse_report(text)
