"""What does a browser get? The built script and style sheets with the messages of one locale."""
