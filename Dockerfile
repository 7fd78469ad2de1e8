# One image for every process of the product; deploy/run chooses which (web, worker, beat, migrate).
FROM python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r /tmp/requirements.txt

FROM python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8
RUN groupadd --system --gid 10001 chatorical \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin chatorical \
    && install -d -o 10001 -g 10001 -m 0700 /data /metrics /attachments
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production \
    BIND_HOST=0.0.0.0 \
    PORT=4012 \
    WORKER_NAME=worker \
    CHATORICAL_DATA_DIR=/data
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
# Development settings make up the secrets that collecting files does not use.
RUN python -m compileall -q . \
    && ENVIRONMENT=development CHATORICAL_DATA_DIR=/tmp/build python manage.py collectstatic --no-input \
    && rm -rf /tmp/build
USER 10001:10001
EXPOSE 4012
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "deploy/healthcheck.py", "web"]
# deploy/run replaces itself by the process, which so receives the stop signal.
ENTRYPOINT ["/bin/sh", "deploy/run"]
CMD ["web"]
