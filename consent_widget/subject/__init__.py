"""What holds for somebody, without a request? Asked of the store and not of a cookie."""
