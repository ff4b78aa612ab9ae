"""The models, in reading order: `cross` (layers), `towers` (wirings), `two_tower` (the model)."""
