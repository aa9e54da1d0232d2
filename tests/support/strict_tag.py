"""The policy of a page that uses the widget by script tag, and allows nothing else."""

from __future__ import annotations

POLICY = (
    "default-src 'none'; script-src 'nonce-page' {prefix}; style-src 'nonce-page'; connect-src {prefix}; "
    "form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'"
)
