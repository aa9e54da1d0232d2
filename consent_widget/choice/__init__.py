"""What did a visitor say, and what does it permit? Acts, states and tokens; no framework, no database."""
