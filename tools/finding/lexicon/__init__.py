"""Which words mean which notions, a language a module.

A notion is the English word by which the index knows something: `user`, `deactivate`, `password`. Each line of a table
is `notions: words`. A word on several lines may mean any of them; `~` before it says that it sometimes does, and counts
half. Several notions before the colon are all meant at once. Words joined by `_` are a phrase. Words are written as in
a dictionary: case, accents and endings do not matter.
"""
