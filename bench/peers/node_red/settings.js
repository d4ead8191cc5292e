// Node-RED without its editor, as one would run it in production.
"use strict";
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PORT),
  httpAdminRoot: false,
  credentialSecret: false,
  httpRequestTimeout: Number(process.env.AGENT_TIMEOUT_MS),
  functionGlobalContext: { crypto: require("node:crypto") },
  logging: { console: { level: "warn" } },
};
