"""Is this house in order?  One small check for each thing that can go wrong; `duban doctor` and /healthz show them.

A check looks, and returns its level with a figure; it changes nothing and names nobody.
"""
