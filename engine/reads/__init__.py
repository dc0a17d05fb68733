"""What is shown: read-only queries that return plain frozen dataclasses; they change nothing."""
