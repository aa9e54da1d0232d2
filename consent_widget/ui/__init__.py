"""What is shown? Trees of elements, and the messages in them: the server prints them, the script builds them."""
