# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment from hash-locked requirements, the second is
# that and nothing else. Runs as nobody in particular, with a read-only root.

FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/adapter
COPY requirements.txt .
RUN /opt/adapter/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY adapter adapter
COPY mappings mappings
RUN /opt/adapter/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN groupadd --gid 10001 adapter && useradd --uid 10001 --gid 10001 --no-create-home adapter \
    && install --directory --owner 10001 --group 10001 /data /etc/adapter
COPY --from=build /opt/adapter /opt/adapter
COPY adapter.yaml /etc/adapter/adapter.yaml
COPY mappings /etc/adapter/mappings
ENV PATH=/opt/adapter/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ADAPTER_CONFIG=/etc/adapter/adapter.yaml \
    ADAPTER_DATABASE=sqlite:////data/adapter.db \
    SQLITE_TMPDIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8080
# SIGTERM drains: no more webhooks, then the attempts under way end, then the ledger closes.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["adapter"]
CMD ["serve"]
