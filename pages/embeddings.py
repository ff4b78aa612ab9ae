"""Embeddings: where the towers put items and queries, two arms side by side with one selection for both."""

from pdcn.pages.embeddings.page import embeddings_view
from pdcn.shell.frame import inside_app

inside_app()
embeddings_view()
