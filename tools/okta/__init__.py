"""A client for Okta's management API that validates every answer."""
