"""What is true: pure, synchronous, no clock, no I/O."""
