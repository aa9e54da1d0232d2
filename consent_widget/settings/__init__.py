"""How is a site set up? Every `CONSENT_…` key, checked once at start-up."""

from .model import Settings as Settings
from .model import read as read
