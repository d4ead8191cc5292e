#!/bin/sh
# The same relay as a script of Debian's `webhook`: jq, openssl and curl, a process for each.
set -e
body=$(jq -cn --arg phone "${1:-$2}" --arg name "$3" --arg last_name "$4" --arg company "$5" \
  '{phone: $phone, variables: {name: $name, last_name: $last_name, company: $company}}')
signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$API_SECRET" -r)
exec curl --silent --fail --noproxy '*' --max-time "$AGENT_TIMEOUT_S" --output /dev/null \
  --header "api-key: $API_KEY" --header "signature: ${signature%% *}" \
  --header "content-type: application/json" --data-raw "$body" "$AGENT_URL"
