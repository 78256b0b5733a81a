#!/bin/bash
# Starts the image's own entry point with the passwords from the secret files: the image itself takes them from
# the environment only. It makes the database and its users when the data folder is empty, and never again.
set -euo pipefail

secret() { cat "/run/secrets/$1"; }

INFLUXDB_ADMIN_PASSWORD="$(secret influxdb_admin_password)"
INFLUXDB_USER_PASSWORD="$(secret influxdb_flockwise_password)"
INFLUXDB_READ_USER_PASSWORD="$(secret influxdb_grafana_password)"
export INFLUXDB_ADMIN_PASSWORD INFLUXDB_USER_PASSWORD INFLUXDB_READ_USER_PASSWORD

exec /entrypoint.sh influxd
