"""The commands of `okta-actions vault`."""
