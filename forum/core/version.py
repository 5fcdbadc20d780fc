"""Number of this release, as in CHANGELOG.md. Tags are called v and this."""

VERSION = "0.3.0"
