"""Inside: what each stage of a tower keeps of its input, and what each branch contributes."""

from pdcn.ui.frame import inside_app
from pdcn.ui.inside_view import inside_view

inside_app()
inside_view()
