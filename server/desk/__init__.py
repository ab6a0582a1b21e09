"""What an administrator does with the server itself."""
