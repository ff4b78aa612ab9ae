"""Inside: what each stage of a tower keeps of its input, and what each branch contributes."""

from pdcn.pages.inside.page import inside_view
from pdcn.shell.frame import inside_app

inside_app()
inside_view()
