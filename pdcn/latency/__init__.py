"""What each wiring costs to serve: `forms` of one tower, timed in turns (`timing`) and `measure`d cell by cell;
`words` and `machine` say what came out and where, and know no torch.

The claim that is put to the test: side by side a tower takes max(t_cross, t_deep), one after the other their sum.
Times are microseconds from x0 to the tower's output; looking the embeddings up comes before and is timed apart.
"""
