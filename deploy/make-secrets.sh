#!/bin/sh
# Makes the secret files that docker-compose.yml names, each with random content, in ./secrets (or the folder given).
# A file that is there is never touched, so it is safe to run again.
#
#   deploy/make-secrets.sh [folder]
#
# The folder is for its owner only (0700). The files in it are readable (0644), since services with other user
# ids read them inside their containers; on this machine the folder keeps everybody else out.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
folder=${1:-$root/secrets}

umask 077
mkdir -p "$folder"
chmod 0700 "$folder"
# Keeps the folder out of version control wherever it lies.
[ -e "$folder/.gitignore" ] || printf '*\n' > "$folder/.gitignore"

for name in influxdb_admin_password influxdb_flockwise_password influxdb_grafana_password \
  postgres_password grafana_admin_password grafana_secret_key bridge.token; do
  file=$folder/$name
  if [ -e "$file" ]; then
    echo "kept  $file"
    continue
  fi
  # 24 random bytes as 48 hexadecimal digits, without a line end: some readers take the file byte by byte.
  head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$file.new"
  chmod 0644 "$file.new"
  mv "$file.new" "$file"
  echo "made  $file"
done
