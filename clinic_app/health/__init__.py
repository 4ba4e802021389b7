"""Is the site well? Asked by machines (`/healthz`), by staff (`/staff/health`), on the server (`flask doctor`)."""
