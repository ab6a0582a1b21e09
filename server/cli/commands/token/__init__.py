"""The commands of `okta-actions token`."""
