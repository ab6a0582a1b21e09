"""The rules and the caller they are about: below everything that asks."""
