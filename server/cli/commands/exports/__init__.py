"""The commands of `okta-actions exports`."""
