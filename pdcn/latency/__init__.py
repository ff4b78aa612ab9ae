"""What each wiring costs to serve, on the machine at hand.

`plan` says what is timed, `subjects` are the towers, `forms` the ways to serve one, `timing` takes turns, `measure` goes
from cell to cell, `serving` from a query's codes to a list by one of the `indexes`. `words`, `tradeoff`, `machine` and
`plan` know no torch.

The claim that is put to the test: side by side a tower takes max(t_cross, t_deep), one after the other their sum.
Times are microseconds. A tower's are from x0 to its output: looking the embeddings up comes before and is timed apart.
"""
