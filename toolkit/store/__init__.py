"""What is kept by hash: declared files, answers as received, imported tables."""
