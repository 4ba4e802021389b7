"""All that the site holds of one person, whichever domain package keeps it: found, exported, erased;
and what a member of staff leaves behind."""
