"""Learning notes: private to their writer, for their appraisal."""
