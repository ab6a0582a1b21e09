"""What an action is: its arguments, what they name, what it observes, previews and answers; no kind of object."""
