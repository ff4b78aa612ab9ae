"""Crosses: the learned weights of the cross layers, what they matter, and what happens without them."""
