"""Reads a ledger workbook: a file becomes sheets, sheets tables, rows units, people and measures of a plan."""
