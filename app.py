"""PDCN Explorer: page configuration, navigation, and a warm worker. `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from pdcn.config import SettingError
from pdcn.studies.jobs import ensure_worker
from pdcn.ui.shown import store
from pdcn.ui.style import style

st.set_page_config(
    page_title="PDCN Explorer", page_icon=Path(__file__).parent / "pdcn/ui/icon.png", layout="wide"
)


@st.cache_resource
def warm() -> None:
    """Start the worker with the server, so that a first run need not wait for its imports."""
    ensure_worker(store())


page = st.navigation(
    [
        st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:", default=True),
        st.Page("pages/findings.py", title="Findings", icon=":material/lightbulb:", url_path="findings"),
        st.Page("pages/data.py", title="Data", icon=":material/dataset:", url_path="data"),
        st.Page("pages/runs.py", title="Runs", icon=":material/history:", url_path="runs"),
    ],
    position="top",
)
style()
try:
    warm()
    page.run()
except SettingError as error:  # a home that can't be written, a run whose files are damaged
    st.error(str(error), icon=":material/error:")
