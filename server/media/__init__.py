"""One door to each medium: text that other people wrote reaches a terminal, a model, a form or a file through here."""
