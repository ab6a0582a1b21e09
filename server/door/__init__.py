"""The only way in for every call: what may run, what a person is asked, and the path of a write."""
