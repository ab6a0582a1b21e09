"""The commands: one module each, named after the command, with a function `command` that declares and runs it."""
