"""What is ready before the first request? Everything of a site that does not depend on the visitor."""
