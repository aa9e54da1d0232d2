"""What is shown? Trees of elements and the words in them, which the server prints and the script builds."""
