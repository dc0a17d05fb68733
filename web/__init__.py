"""What `duban serve` shows over HTTP."""
