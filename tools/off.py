"""Which toolsets are off unless a rule switches them on."""

OFF = ("roles",)
"""Who administers an org is nothing that every caller needs to know: it tells an attacker whom to go for."""
