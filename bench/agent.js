// The agent that every contestant rings. It counts each call as a ring once it has read it whole,
// then answers as it was told: PUT / takes {"status", "delay_ms", "is_silent"} and counts anew.
// GET / tells the rings, how many different leads rang, how many of them more than once, and when
// the last ring was (milliseconds since 1970). Two calls with one body are the same lead.
"use strict";
const http = require("node:http");

const ACCEPTED = JSON.stringify({ success: true });
let manner = { status: 200, delay_ms: 0, is_silent: false };
let rings = 0;
let lastAtMs = 0;
let ringsByLead = new Map();

function read(request, then) {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => then(Buffer.concat(parts).toString()));
}

function answer(response, status, text) {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": text.length,
  });
  response.end(text);
}

function ring(response, body) {
  rings += 1;
  lastAtMs = performance.timeOrigin + performance.now(); // finer than Date.now()
  ringsByLead.set(body, (ringsByLead.get(body) ?? 0) + 1);
  if (manner.is_silent) return;
  if (manner.delay_ms === 0) answer(response, manner.status, ACCEPTED);
  else setTimeout(answer, manner.delay_ms, response, manner.status, ACCEPTED);
}

function change(response, body) {
  manner = { status: 200, delay_ms: 0, is_silent: false, ...JSON.parse(body) };
  rings = lastAtMs = 0;
  ringsByLead = new Map();
  answer(response, 200, "{}");
}

function count(response) {
  const twice = [...ringsByLead.values()].filter((times) => times > 1).length;
  const counts = { rings, leads: ringsByLead.size, twice, last_at_ms: lastAtMs };
  answer(response, 200, JSON.stringify(counts));
}

const VERBS = { POST: ring, PUT: change, GET: count };
const server = http.createServer((request, response) =>
  read(request, (body) => VERBS[request.method](response, body)),
);
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), "127.0.0.1");
