"""One request to Flask: who asks, what they chose, and what is answered."""
