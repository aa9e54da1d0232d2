"""Where is it kept? The persistence hook, and the store that ships."""
