"""The programming interface under /api/v1: the actions and reads of the pages and the command line, as JSON."""
