"""Makes tiny_model.py and the emulator tests' synthetic.py importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "emulator" / "profiling"))
