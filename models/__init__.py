"""What is stored: one aggregate a file; migrations under models/migrations."""
