"""Customers' own words: how they sound (`tone`), and what they are about (`themes`)."""
