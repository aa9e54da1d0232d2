"""How is a site set up? Every `CONSENT_…` key, checked once at start-up."""
