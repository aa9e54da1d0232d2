"""What did a visitor choose, and what does that permit? No framework, no database."""
