# syntax=docker/dockerfile:1
# Two stages: the first builds a virtual environment from hash-locked requirements, the second is
# that and nothing else. Runs as nobody in particular, with a read-only root: as user 10001, or as
# any user of group 0, which is how some clusters start a container.

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
    && install --directory --owner 10001 --group 10001 /etc/adapter \
    && install --directory --owner 10001 --group 0 --mode 0770 /data
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
# Asks at the address of `listen`, and no proxy of the environment.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["adapter", "health"]
ENTRYPOINT ["adapter"]
CMD ["serve"]
