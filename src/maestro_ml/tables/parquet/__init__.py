"""What Parquet files say of themselves, and how far it is believed."""
