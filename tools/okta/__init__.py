"""A client for Okta's management API that takes no answer for more than it is."""
