#!/bin/sh
# n8n on SQLite in the folder where this is run, with these arguments and the program $N8N.
# Everything that costs it time and can be turned off is off; `legacy` needs no compiled isolate.
export N8N_USER_FOLDER="$PWD" N8N_PORT="$PORT" N8N_LISTEN_ADDRESS=127.0.0.1
export N8N_ENDPOINT_WEBHOOK=hooks N8N_BLOCK_ENV_ACCESS_IN_NODE=false
export NODE_FUNCTION_ALLOW_BUILTIN=crypto N8N_RUNNERS_ENABLED=false N8N_EXPRESSION_ENGINE=legacy
export N8N_DIAGNOSTICS_ENABLED=false N8N_VERSION_NOTIFICATIONS_ENABLED=false
exec "$N8N" "$@"
