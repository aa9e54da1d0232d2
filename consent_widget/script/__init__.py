"""What does a browser get? The built script and style sheets with the words of one locale."""
