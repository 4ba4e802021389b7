"""Pictures of the site for its documentation: `make pictures`."""
