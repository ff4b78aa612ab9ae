"""Figures: frames in, `go.Figure` out. One module a subject; `theme` has the colours of all."""
