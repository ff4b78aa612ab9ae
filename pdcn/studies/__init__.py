"""Studies: `study` runs an experiment, `result` sums it up, `store` keeps it, `jobs` and `worker` queue it."""
