"""The pages, one file each: read and show, or carry out one action and redirect."""
