"""What is said, to whom, over which channel."""
