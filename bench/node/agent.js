// The agent that every contestant rings: it counts calls and answers 200 at once.
// GET / tells how many rang and when the last one did (milliseconds since 1970).
"use strict";
const http = require("node:http");

const ACCEPTED = JSON.stringify({ success: true });
let rings = 0;
let lastAtMs = 0;

function ring(request, response) {
  request.resume();
  request.on("end", () => {
    rings += 1;
    lastAtMs = Date.now();
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": ACCEPTED.length,
    });
    response.end(ACCEPTED);
  });
}

function count(response) {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ rings, last_at_ms: lastAtMs }));
}

const server = http.createServer((request, response) =>
  request.method === "POST" ? ring(request, response) : count(response),
);
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ event: "ready", url }));
});
