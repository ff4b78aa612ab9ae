"""What can be taken out of a run: tables, weights, towers as plain PyTorch and ONNX, an index, what trackers read.

`ways` lists all of them; each has a module of its own, which is imported once somebody asks for it.
"""
