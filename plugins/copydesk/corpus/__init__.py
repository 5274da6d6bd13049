"""The corpus: raw files in, plans, staged parts, and one Parquet file a table and date, replaced whole."""
