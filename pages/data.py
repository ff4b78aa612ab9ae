"""Data: what one event looks like, the fields, the split in time, and the truth where it is planted."""

from pdcn.ui.data_view import data_view

data_view()
