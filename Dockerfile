# One image for each service: docker build --build-arg SERVICE=survey -t assent-survey .
# The work is done by deploy/install.sh, which is tested without Docker.
FROM python:3.11-slim-bookworm AS build
ARG SERVICE
WORKDIR /src
COPY requirements requirements
COPY deploy/install.sh deploy/install.sh
COPY libs/contracts libs/contracts
COPY libs/kit libs/kit
COPY services services
COPY gateway gateway
RUN python -m venv /venv && PYTHON=/venv/bin/python deploy/install.sh "$SERVICE"

FROM python:3.11-slim-bookworm
ARG SERVICE
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 SERVICE=$SERVICE
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin assent
COPY --from=build /venv /venv
USER 10001
WORKDIR /tmp
EXPOSE 8000 9000
# `serve`, `consume`, `migrate`, `replay` or `redrive`.
ENTRYPOINT ["/bin/sh", "-c", "exec python -m \"assent_$SERVICE\" \"$@\"", "--"]
CMD ["serve"]
