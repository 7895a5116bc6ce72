# The web app and the HTTP API for others than the person at one machine: docs/web-app.md says how to run it.
#   docker build -t bi_chat .
FROM python:3.12-slim AS build
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bi_chat ./bi_chat
RUN uv venv /app && uv pip install --no-cache --python /app/bin/python ".[all]" "psycopg[binary]>=3.2"

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bi_chat \
    && install -d -o bi_chat -m 0700 /state /cache
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH HOME=/cache PYTHONUNBUFFERED=1 BI_CHAT_STATE_DIR=/state BI_CHAT_CACHE_DIR=/cache
USER bi_chat
VOLUME ["/state"]
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
ENTRYPOINT ["bi-chat"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8501", "--data", "/data", "--policy", "/config/policy.yaml"]
