"""The only Streamlit code of the package: settings to widgets, the run on show, live view, states."""
