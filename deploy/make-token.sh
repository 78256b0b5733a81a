#!/bin/sh
# Makes the token with which one MQTT user of the house logs in, and prints the line for `users:` in farm.yaml.
# The token itself stands in the file and nowhere else; a file that is there is kept, and its line printed again.
#
#   deploy/make-token.sh <user> [folder]
#   deploy/make-token.sh bridge /etc/flockwise
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
user=${1:?usage: deploy/make-token.sh <user> [folder]}
folder=${2:-$root/secrets}
case $user in
*[!a-z0-9._@-]* | '')
  echo "\"$user\" may hold only a-z 0-9 . _ @ -" >&2
  exit 1
  ;;
esac

umask 077
mkdir -p "$folder"
file=$folder/$user.token
if [ ! -e "$file" ]; then
  head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$file.new"
  mv "$file.new" "$file"
fi
digest=$(sha256sum < "$file" | cut -d ' ' -f 1)

echo "The token of $user is in $file"
echo "Put this line under users: in farm.yaml"
if [ "$user" = bridge ]; then
  echo "  - { id: $user, bridge: true, tokenSha256: $digest }"
else
  echo "  - { id: $user, tokenSha256: $digest }"
fi
