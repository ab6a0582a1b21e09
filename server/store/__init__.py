"""The store: one SQLite file, its tables and migrations, and secrets sealed in it."""
