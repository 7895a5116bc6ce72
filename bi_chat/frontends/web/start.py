"""In: `streamlit run` from an installed package. Out: the web app, as `streamlit_app.py` in a clone."""

from bi_chat.frontends.web.app import main

main()
