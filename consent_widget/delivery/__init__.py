"""How do the site's own systems learn what visitors choose?"""
