"""What is decided. Pure: standard library only, no clock, no input or output."""
