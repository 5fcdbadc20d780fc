"""Keeping a circle safe without learning who is who: flags, what comes of them, and the desk."""
