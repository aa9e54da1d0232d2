"""What does a subject consent to, asked without a request? The answers come from the store, not from a cookie."""
