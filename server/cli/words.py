"""Sentences that several commands use."""

REPLACED = "The token for HTTP clients was replaced; they need the new one: okta-actions token show"
