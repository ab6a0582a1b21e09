"""Finds actions by the words that people use for them: an index without a model, a server or another's library."""
