"""Runs the actions: the door, the connections, and the surfaces that lead to them."""

__version__ = "0.1.0"
