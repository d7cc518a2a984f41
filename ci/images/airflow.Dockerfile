# Airflow with Maestro: the scheduler, the API server, workers, the triggerer, the DAG processor, Flower and the setup Job are this image.
# Build with `make image`: it makes the wheel first. The tag is the version of the DAGs.
ARG BASE=docker.io/apache/airflow:3.3.2-python3.12
FROM ${BASE}

# The project a container runs until another is mounted here or named in MAESTRO_PROJECT: the flights demo, without its data.
COPY src/maestro_ml/demo/project /opt/maestro/project
COPY ci/images/probes /opt/maestro/probes

# As the user airflow, into its environment; the wheel and the constraints are mounted, so no layer holds them. pip does not write byte code of
# what it found there already, so that one layer holds what is new and nothing else.
# A Git DAG bundle runs the program git, which the base image brings: the last lines stop a build where one of the parts is missing.
# The secret `ca` is a bundle of authorities, where a proxy between here and the package index signs with its own; it stays out of the image.
# Builders know this step again by its text, not by what is mounted: with the sum in it, another wheel is another step.
ARG WHEEL_SHA256
RUN --mount=type=bind,source=constraints.txt,target=/build/constraints.txt \
    --mount=type=bind,source=dist,target=/build/dist \
    --mount=type=secret,id=ca,target=/run/secrets/ca.crt,mode=0444 \
    if [ -s /run/secrets/ca.crt ]; then export PIP_CERT=/run/secrets/ca.crt; fi \
 && wheel="$(echo /build/dist/maestro_ml-*.whl)" \
 && echo "${WHEEL_SHA256}  ${wheel}" | sha256sum --check --quiet \
 && pip install --no-cache-dir --constraint /build/constraints.txt "${wheel}[airflow,demo,git,postgres,redis,s3]" \
 && git --version \
 && python -c "import airflow.providers.git.bundles.git, maestro_ml.airflow.bundle, psycopg, psycopg2, redis"

ENV MAESTRO_PROJECT=/opt/maestro/project

ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Maestro Airflow" \
      org.opencontainers.image.description="Apache Airflow with the Maestro pipelines" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      io.maestro.dag-version="${VERSION}"
