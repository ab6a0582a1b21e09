"""The objects of an org as actions see them, each with what finds it and what protects it."""
