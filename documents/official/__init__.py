"""Official papers in the national layout (GB/T 9704-2012): what stands on one, and how each form sets it."""
