"""CSV files, read without sniffing."""
