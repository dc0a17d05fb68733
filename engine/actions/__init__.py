"""What is done: one use case a file, one transaction; takes a session and the moment."""
