"""PDCN Explorer: page configuration, navigation, and a warm worker. `streamlit run app.py`."""

from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st

from pdcn.inert import words
from pdcn.jobs.submit import ensure_worker
from pdcn.settings import SettingError
from pdcn.shell.address import one_entry_a_page, say_unknown
from pdcn.shell.shown_run import store
from pdcn.shell.style import style

st.set_page_config(page_title="PDCN Explorer", page_icon=Path(__file__).parent / "pdcn/shell/icon.png", layout="wide")


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Start the worker, and import torch beside it: once the first page stands, which comes before both."""
    ensure_worker(store())
    Thread(target=import_module, args=("pdcn.runs.trained",), daemon=True).start()


page = st.navigation(
    [
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", default=True),
        st.Page("pages/crosses.py", title="Crosses", icon=":material/grid_on:", url_path="crosses"),
        st.Page("pages/embeddings.py", title="Embeddings", icon=":material/scatter_plot:", url_path="embeddings"),
        st.Page("pages/inside.py", title="Inside", icon=":material/schema:", url_path="inside"),
        st.Page("pages/retrieve.py", title="Retrieve", icon=":material/manage_search:", url_path="retrieve"),
        st.Page("pages/latency.py", title="Latency", icon=":material/speed:", url_path="latency"),
        st.Page("pages/findings.py", title="Findings", icon=":material/lightbulb:", url_path="findings"),
        st.Page("pages/data.py", title="Data", icon=":material/dataset:", url_path="data"),
        st.Page("pages/runs.py", title="Runs", icon=":material/history:", url_path="runs"),
    ],
    position="top",
)
style()
one_entry_a_page()
say_unknown()
try:
    page.run()
    warm()
except SettingError as error:  # a home that can't be written, a run whose files are damaged
    st.error(words(error), icon=":material/error:")
