"""What was done to a circle or to the service, kept so that nobody can change it unseen."""
