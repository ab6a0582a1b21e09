"""The org authorization server: OAuth 2.0 and OpenID Connect as an Okta org itself offers them."""
