"""What a kind of matter (督办事项) is, as its file in config/matters says it.  Pure: standard library only."""
