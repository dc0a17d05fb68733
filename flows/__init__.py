"""What runs by itself: one Prefect flow a file, and the clock that starts them."""
