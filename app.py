"""The process: pages, the campus mirror, WeChat's callback and the health check, under `streamlit run app.py`.

Streamlit finds the literal assignment below by reading this file. The script it runs for each visitor is
`ui/shell.py`, which does not lie beside `pages/`: otherwise Streamlit would serve those without asking it.
"""

import streamlit as st

from ui import feedback, middleware, process, routes

app = st.App(
    "ui/shell.py",
    lifespan=process.lifespan,
    routes=routes.routes(),
    middleware=middleware.middleware(),
    on_script_error=feedback.show_fault,
    secrets=process.campus_secrets(),
)
