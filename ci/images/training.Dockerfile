# What a training pod needs, without Airflow. It also serves MLflow and the Feast feature server, and copies backups to a bucket.
# Build with `make image`: it makes the wheel first.
ARG BASE=docker.io/library/python:3.12-slim-bookworm
FROM ${BASE}

# uid 50000 as in the Airflow image: both can share a volume. pip needs no root afterwards, nor does anything else.
RUN useradd --uid 50000 --user-group --create-home --home-dir /home/maestro --shell /usr/sbin/nologin maestro

COPY src/maestro_ml/demo/project /opt/maestro/project

# The secret `ca` is a bundle of authorities, where a proxy between here and the package index signs with its own; it stays out of the image.
# Builders know this step again by its text, not by what is mounted: with the sum in it, another wheel is another step.
ARG WHEEL_SHA256
RUN --mount=type=bind,source=constraints.txt,target=/build/constraints.txt \
    --mount=type=bind,source=dist,target=/build/dist \
    --mount=type=secret,id=ca,target=/run/secrets/ca.crt,mode=0444 \
    if [ -s /run/secrets/ca.crt ]; then export PIP_CERT=/run/secrets/ca.crt; fi \
 && wheel="$(echo /build/dist/maestro_ml-*.whl)" \
 && echo "${WHEEL_SHA256}  ${wheel}" | sha256sum --check --quiet \
 && pip install --no-cache-dir --constraint /build/constraints.txt "${wheel}[demo,postgres,redis,s3]" mlflow flask-wtf \
 && python -c "import feast, mlflow.server, psycopg, redis, s3fs"

ENV MAESTRO_PROJECT=/opt/maestro/project \
    PYTHONUNBUFFERED=1
USER 50000:50000
WORKDIR /home/maestro

ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Maestro training" \
      org.opencontainers.image.description="Steps of Maestro without Airflow; MLflow and Feast servers" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
