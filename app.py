"""PDCN Explorer: page configuration, navigation, and a warm worker. `streamlit run app.py`."""

from pathlib import Path
from threading import Thread

import streamlit as st

from pdcn.inert import words
from pdcn.jobs.submit import ensure_worker
from pdcn.pages import PAGES
from pdcn.settings import SettingError
from pdcn.shell.address import carry, one_entry_a_page, say_unknown
from pdcn.shell.frame import imported, navigation
from pdcn.shell.hidden import hide
from pdcn.shell.shown_run import store
from pdcn.shell.style import style

st.set_page_config(page_title="PDCN Explorer", page_icon=Path(__file__).parent / "pdcn/shell/icon.png", layout="wide")


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Start the worker, and import torch beside it: once the first page stands, which comes before both."""
    ensure_worker(store())
    Thread(target=imported, args=("pdcn.runs.trained",), daemon=True).start()


page = navigation(PAGES.values())
style()
one_entry_a_page()
keys = [key for page in PAGES.values() for key in page.keys]
carry()
say_unknown(keys)
hide([*keys, *(name for page in PAGES.values() for name in page.hides)])
try:
    page.run()
    warm()
except SettingError as error:  # a home that can't be written, a run whose files are damaged
    st.error(words(error), icon=":material/error:")
