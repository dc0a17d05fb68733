"""The `duban` command: one file per command group; parse, call one action or flow, show."""
