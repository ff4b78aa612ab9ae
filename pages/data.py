"""Data: what one event looks like, the fields, the split in time, and the truth where it is planted."""

from pdcn.ui.data_view import data_view
from pdcn.ui.frame import inside_app

inside_app()
data_view()
