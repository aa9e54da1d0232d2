"""Many sites in one process, for pages of any site: `consent-widget …`."""

from .app import create_service as create_service
