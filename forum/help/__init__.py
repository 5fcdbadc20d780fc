"""Help pages: how the forum works, how names are hidden, who runs the service."""
