"""Sample data sets: each a folder with Parquet files, their generator, a semantic model and questions."""
