#!/bin/sh
# Copies a database of Flockwise while it is in use, and checks the copy. Nothing has to be stopped.
#
#   deploy/back-up.sh <database> <new file>
#   deploy/back-up.sh /var/lib/flockwise-cloud/cloud.sqlite /var/backups/flockwise/cloud-2026-11-23.sqlite
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
database=${1:?usage: deploy/back-up.sh <database> <new file>}
target=${2:?usage: deploy/back-up.sh <database> <new file>}
node=$root/node_modules/.bin/node
[ -x "$node" ] || node=node

umask 077
# shellcheck disable=SC2016 # what follows is JavaScript
"$node" --no-warnings --eval '
  const { existsSync, renameSync, rmSync } = require("node:fs")
  const { DatabaseSync } = require("node:sqlite")
  const [database, target] = process.argv.slice(1)
  const fail = (message) => {
    console.error(message)
    process.exit(1)
  }
  if (!existsSync(database)) fail(`there is no database ${database}`)
  if (existsSync(target)) fail(`${target} is there already: nothing was written`)
  const unfinished = `${target}.unfinished`
  rmSync(unfinished, { force: true })
  const source = new DatabaseSync(database, { readOnly: true, timeout: 10_000 })
  source.prepare("VACUUM INTO ?").run(unfinished)
  source.close()
  const copy = new DatabaseSync(unfinished, { readOnly: true })
  const { quick_check: verdict } = copy.prepare("PRAGMA quick_check").get()
  copy.close()
  if (verdict !== "ok") fail(`the copy is damaged, and so is the database perhaps: ${verdict}`)
  renameSync(unfinished, target)
  console.log(`copied and checked: ${target}`)
' "$database" "$target"
