"""Okta's own policies: which are there, and what they say of somebody who signs in."""
