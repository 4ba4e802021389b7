"""Texts as people mean them: their words, their wordings, and Markdown as HTML."""
