"""What is printed: agenda and ledger, from read models."""
