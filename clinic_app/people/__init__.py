"""All that the site holds of one person, whichever domain package keeps it: found, exported, erased."""
