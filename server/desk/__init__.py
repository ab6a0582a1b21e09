"""An administrator's tasks on the server itself."""
