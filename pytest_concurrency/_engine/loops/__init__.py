"""What the loops of all kinds need: what their steps touch, and whether they spin."""
