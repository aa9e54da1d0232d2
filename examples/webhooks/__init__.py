"""Receivers of what visitors chose (docs/webhooks.md)."""
