"""In: `streamlit run streamlit_app.py`. Out: the web app on the sample data, and on `-- --data SPEC`."""

from bi_chat.frontends.web.app import main

main()
