"""What shapes a reflection: templates, as versioned data."""
