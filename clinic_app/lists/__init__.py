"""Long lists: read a page or a chunk at a time, and counted no further than is told."""
