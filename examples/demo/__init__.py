"""The demo: a small bilingual shop that obeys its visitors, and three vendors that count what reaches them."""
