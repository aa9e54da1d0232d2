"""What the widget costs a site, as bytes, counts and ratios. Run: python -m bench"""
