"""An emulated 486 PC that runs DOS programs, on Unicorn."""
