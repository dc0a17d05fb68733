"""Reads working days: the kept library's official ones, a yearly notice, an operator's own form."""
