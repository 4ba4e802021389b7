"""Arithmetic on time: periods, weeks, opening hours, and figures that are kept by the week."""
