"""Where are choices stored? The protocol for stores of a site's own, and the SQL store that ships."""
