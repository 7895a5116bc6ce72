"""Fjordale, a fictitious drinks maker, seen as a weekly market panel."""
