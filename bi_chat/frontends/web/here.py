"""In: `bi-chat demo`. Out: the web app for the person at this machine, in the headers that every served page bears."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from bi_chat.frontends.web.headers import Guarded

app = st.App(Path(__file__).with_name("start.py"), middleware=[Middleware(Guarded, here=True)])
