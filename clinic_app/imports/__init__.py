"""Imports of content: rows that know where they stand, files with front matter, and a run of all or none."""
