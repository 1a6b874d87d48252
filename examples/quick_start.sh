#!/bin/sh
# Render one photo in one style with curl: sh examples/quick_start.sh photo.jpg [STYLE] [TAU]
set -eu
photo=${1:?the photo is missing}
style=${2:-nixi-black-pottery}
tau=${3:-1}
url=${URL:-http://127.0.0.1:8000}
authorization="Authorization: Bearer ${KEY:?set KEY to the key that the service has printed}"

# Print the string value of a JSON field; sufficient for ids, statuses and URLs.
value() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }

job=$(curl -fsS -H "$authorization" "$url/v1/stylizations" \
    -F "file=@$photo" -F "style_id=$style" -F "tau=$tau")
id=$(printf '%s' "$job" | sed 's/,/\n/g' | value id)

status=queued
while [ "$status" = queued ] || [ "$status" = running ]; do
    # The service responds when the status changes, or after 20 seconds.
    job=$(curl -fsS -H "$authorization" "$url/v1/stylizations/$id?wait=20")
    status=$(printf '%s' "$job" | sed 's/,/\n/g' | value status)
done
[ "$status" = done ] || { printf '%s\n' "$job" >&2; exit 1; }

# The URL of the result is signed and needs no key.
address=$(printf '%s' "$job" | sed 's/.*"result"//' | sed 's/,/\n/g' | value url)
curl -fsS -o "result-$style.jpg" "$address"
echo "result-$style.jpg"
