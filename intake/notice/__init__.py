"""Reads a published notice: a file becomes lines, lines an outline of findings and facts, these a plan."""
