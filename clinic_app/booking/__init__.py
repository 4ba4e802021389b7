"""Appointments: who can be seen when, by whom, for what; and nobody twice."""
