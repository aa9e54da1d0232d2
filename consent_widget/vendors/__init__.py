"""Which vendors' tags do sites use, and what do they do?"""
