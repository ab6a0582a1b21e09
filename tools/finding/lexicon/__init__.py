"""Which words mean which notions, a language a module.

A notion is the English word by which the index knows something: `user`, `deactivate`, `password`. Each line of a table
is `notions: words`. A word on several lines may mean any of them; `~` before it says that it sometimes does, and counts
half. Several notions before the colon are all meant at once. Words joined by `_` are a phrase. Words are written as in
a dictionary: case, accents and endings do not matter.

Beside its table a language has words that tell how something is said: `QUESTIONS` begin questions, `REQUESTS` a
favour that is asked for, and `WHETHER` a question that is answered by yes or no. `WHO` and `WHEN` ask for history.
`WHICH_ASKED` and `WHICH_SHOWN` come before the kind of what is listed, not before `ONE`; `OF` and `ABOUT` come behind
it. `INTO` stands before names of groups, `ARTICLES` behind a verb, and `TO_ME` behind one that only asks to be told
something. `ENDED` are pairs of words that say what shall no longer be so.
"""
