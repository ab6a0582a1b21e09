"""The record of actions: a chain of sealed entries, how they are written, and how they are read."""
