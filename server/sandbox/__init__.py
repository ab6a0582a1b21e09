"""An embedded Okta org: a real HTTP server that behaves like Okta's management API and org authorization server.

It knows nothing of the rest of the code and is judged against recordings of the real Okta.
"""
