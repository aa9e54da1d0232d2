"""What do a site's pages really send and store? `consent-widget scan`."""
