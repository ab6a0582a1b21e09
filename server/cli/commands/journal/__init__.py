"""The commands of `okta-actions journal`."""
