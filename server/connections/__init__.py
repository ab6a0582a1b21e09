"""The link to an Okta org: sign-in, tokens, and the vault that keeps them."""
