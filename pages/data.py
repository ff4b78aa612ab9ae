"""Data: what one event looks like, the fields, the split in time, and the truth where it is planted."""

from pdcn.pages.data.page import data_view
from pdcn.shell.frame import inside_app

inside_app()
data_view()
