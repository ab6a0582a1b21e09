"""The record of what is done: a chain of sealed entries, what is written to it, and what is read from it."""
