"""Moderation without learning who is who: flags, their outcomes, and the moderators' desk."""
