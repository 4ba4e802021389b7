"""Pictures: those that people upload, and those that the site draws."""
