"""What a program finds out about its PC: on every emulated one, and in DOSBox as a 386 and as 486s."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import gpt486.toolchain.dosbox as dosbox
from emulator import run_program
from emulator.profiles import PROFILES, CpuProfile, find_profile
from gpt486.basic import compile_source

PROGRAM = """
#include once "cpu.bi"
cpu_detect()
Print cpu_line()
Print cpu_family; " "; cpu_model; " "; cpu_fpu; " "; cpu_cache_kb; " "; cpu_multiplied
"""
MODELS = {"486sx": ("486SX", 2), "486dx": ("486DX", 1), "486dx2": ("486DX2", 3), "486dx4": ("486DX4", 8)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cpu")
    (folder / "CPU.EXE").write_bytes(compile_source(PROGRAM).build().exe)
    (folder / "TWIN.EXE").write_bytes(compile_source(PROGRAM, defines={"NO_ASM": ""}).build().exe)
    return folder


def run(folder: Path, cpu: str | CpuProfile, memory_mb: int = 32, program: str = "CPU.EXE") -> tuple[str, list[int]]:
    output: list[bytes] = []
    result = run_program(
        folder / program, folder=folder, cpu=cpu, memory_mb=memory_mb, console=output.append, time_limit=60
    )
    assert result.stop is None, result.stop
    line, numbers = b"".join(output).decode().splitlines()
    return line, [int(word) for word in numbers.split()]


@pytest.mark.parametrize("cpu", sorted(PROFILES))
def test_on_every_emulated_pc(folder: Path, cpu: str) -> None:
    profile = find_profile(cpu)
    name, model = MODELS[cpu.partition("-")[0]]
    line, numbers = run(folder, cpu)
    multiplied = profile.clock_hz > 1.5 * profile.bus_hz
    assert numbers == [4, model, int(profile.fpu), profile.cache_bytes // 1024, int(multiplied)]
    assert (", faster than its bus, " in line) == multiplied
    assert line.startswith(f"{name} (GenuineIntel, model {model}, stepping ")
    assert ("with FPU" if profile.fpu else "without FPU") in line
    assert f", {profile.cache_bytes // 1024} KB cache, " in line


def test_memory(folder: Path) -> None:
    for megabytes in (2, 8, 32):
        line, _ = run(folder, "486sx-25", megabytes)
        found = int(line.rpartition(" KB of extended memory")[0].rpartition(" ")[2])
        assert (megabytes - 1) * 1024 - 80 <= found <= (megabytes - 1) * 1024


def test_a_dx2_whose_fpu_is_switched_off(folder: Path) -> None:
    profile = replace(find_profile("486dx2-66"), fpu=False)
    assert run(folder, profile)[1][2] == 0


def test_the_twin_assumes_the_least(folder: Path) -> None:
    assert run(folder, "486dx2-66", program="TWIN.EXE")[1] == [3, -1, 0, 0, 0]


@pytest.mark.skipif(shutil.which("dosbox") is None, reason="DOSBox is not installed")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # DOSBox's 386 has no CPUID, but the AC flag: so it passes for an early 486.
        ("386_slow", "486 with FPU, 8 KB cache (assumed), "),
        ("486_slow", "486DX (GenuineIntel, model 0, stepping 2) with FPU, 8 KB cache, "),
        (
            "pentium_slow",
            "family 5 CPU (GenuineIntel, model 1, stepping 3) with FPU, faster than its bus, 8 KB cache, ",
        ),
    ],
)
def test_in_dosbox(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str, expected: str) -> None:
    configuration = dosbox._CONFIGURATION.replace("cputype=486_slow", f"cputype={kind}")
    assert kind in configuration
    monkeypatch.setattr(dosbox, "_CONFIGURATION", configuration)
    output: list[bytes] = []
    result = dosbox.run_dosbox(folder, "CPU.EXE", time_limit=60, on_output=output.append)
    assert result.exit_code == 0
    assert b"".join(output).decode().startswith(expected)
