"""The models, in reading order: `cross` (layers), `wired` (wirings), `tower`, `two_tower` (the model)."""
