# Two images from one file: `api` (no torch, no model) and `worker` (both). The migration runs in the
# api image. The Python is the one that the tests run on.
#
#   docker build --target api -t dualtrans-api .
#   docker build --target worker -t dualtrans-worker .
#
# On Linux pip's usual index holds torch built for CUDA, some GB. A machine without a GPU can name an
# index of CPU builds: --build-arg PIP_EXTRA_INDEX_URL=...

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/dualtrans/bin:$PATH \
    DUALTRANS_DATA_DIR=/data
# A number, so that an orchestrator can see that it is not root. A volume that is mounted on /data for
# the first time takes its owner from the image.
RUN useradd --uid 10001 --create-home dualtrans && install --directory --owner 10001 --group 10001 /data


FROM base AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/dualtrans


# What the packages need is installed before they are copied: a change of code does not fetch it anew.
FROM build AS build-api
COPY pyproject.toml README.md ./
# hadolint ignore=DL3013  # the versions stand in pyproject.toml
RUN pip install ".[app,postgres,heic]"
COPY styling styling
COPY imaging imaging
COPY core core
COPY app app
COPY cli cli
RUN pip install --no-deps --force-reinstall .


FROM build AS build-worker
ARG PIP_EXTRA_INDEX_URL=""
COPY pyproject.toml README.md ./
# hadolint ignore=DL3013  # the versions stand in pyproject.toml
RUN pip install ".[worker,postgres]"
COPY styling styling
COPY imaging imaging
COPY core core
COPY cli cli
COPY model model
COPY worker worker
RUN pip install --no-deps --force-reinstall .


FROM base AS api
COPY --from=build-api /opt/dualtrans /opt/dualtrans
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import httpx; httpx.get('http://127.0.0.1:8000/healthz').raise_for_status()"]
CMD ["uvicorn", "--factory", "app.main:create_app", "--host", "0.0.0.0", "--port", "8000", \
     "--no-server-header", "--no-access-log", "--limit-concurrency", "2000", "--timeout-graceful-shutdown", "25"]


FROM base AS worker
COPY --from=build-worker /opt/dualtrans /opt/dualtrans
USER 10001:10001
WORKDIR /data
VOLUME /data
# A worker beats every 5 seconds, also while it loads the model or renders. A forward that hangs ends the
# process by itself, so that the restart policy starts another.
# Its metrics are off until DUALTRANS_METRICS_PORT is set; then they are for others than this container.
ENV DUALTRANS_HEARTBEAT_FILE=/tmp/heartbeat \
    DUALTRANS_METRICS_HOST=0.0.0.0
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, sys, time; sys.exit(time.time() - os.stat('/tmp/heartbeat').st_mtime > 30)"]
CMD ["python", "-m", "worker"]
