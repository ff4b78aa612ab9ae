"""Training: `losses` (in-batch softmax), `batches`, `loop` (one arm from one seed)."""
