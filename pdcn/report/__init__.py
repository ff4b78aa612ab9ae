"""A run to take into a meeting: one HTML file that needs no network, and a card of one page."""
