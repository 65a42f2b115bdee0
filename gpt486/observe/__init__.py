"""What a running model does inside: memory by purpose, attention, how near its accumulators come to their bounds."""
