"""Larkfield Tea, a fictitious tea and coffee retailer."""
