"""The commands: a module each, named as the command, whose function `command` says what it takes and does it."""
