"""Where the clocks go: profiles of the programs that run on the emulated 486."""
