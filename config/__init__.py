"""What an operator may change: settings, lifecycle, ladder and schedule; validated when loaded."""
