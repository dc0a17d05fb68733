"""What is read in: notice text and ledger workbook; returns plain rows or faults with their place."""
