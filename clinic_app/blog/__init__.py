"""Posts: written in Markdown, rendered once when saved."""
