"""Embeddings: where the towers put items and queries, two arms side by side with one selection for both."""

from pdcn.ui.embeddings_view import embeddings_view
from pdcn.ui.frame import inside_app

inside_app()
embeddings_view()
