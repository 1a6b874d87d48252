# Builds two images: `api` (without torch and the model) and `worker` (without the API). The database
# migration runs in the api image. The Python version is the one that the tests use.
#
#   docker build --target api -t dualtrans-api .
#   docker build --target worker -t dualtrans-worker .
#
# On Linux the default index of pip has torch with CUDA, which takes several GB. For a machine without
# a GPU, name an index of CPU builds: --build-arg PIP_EXTRA_INDEX_URL=...

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/dualtrans/bin:$PATH \
    DUALTRANS_DATA_DIR=/data
# A numeric user id lets an orchestrator verify that the user is not root. A new volume that is mounted
# on /data takes its owner from the image.
RUN useradd --uid 10001 --create-home dualtrans && install --directory --owner 10001 --group 10001 /data


FROM base AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/dualtrans


# The dependencies are installed before the code is copied, so that a change of the code reuses them.
FROM build AS build-api
COPY pyproject.toml README.md ./
# hadolint ignore=DL3013  # pyproject.toml defines the versions
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
# hadolint ignore=DL3013  # pyproject.toml defines the versions
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
# A worker touches the heartbeat file every 5 seconds, also while it loads the model or renders. When
# rendering hangs, the worker exits and the restart policy starts a new one.
# Metrics are off until DUALTRANS_METRICS_PORT is set. The host lets other containers read them.
ENV DUALTRANS_HEARTBEAT_FILE=/tmp/heartbeat \
    DUALTRANS_METRICS_HOST=0.0.0.0
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, sys, time; sys.exit(time.time() - os.stat('/tmp/heartbeat').st_mtime > 30)"]
CMD ["python", "-m", "worker"]
