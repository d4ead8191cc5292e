"""What may be wrong with a mapping file: one clear problem for each mistake."""

import pytest

from tests.harness.project import MAPPING, SETTINGS, Project

# The mistake stands on line 1; what it leaves out follows.
REST = {"auth": "{token: a-long-enough-token}", "agent": "sales", "phone": "$.phone"}

MISTAKES = [
    ("fone: $.x", "1:1: fone: unknown key"),
    ("use: crm", "1:6: use: this leads in a circle: crm → crm"),
    ("use: shop", "1:6: use: there is no mapping of this name, found 'shop'"),
    ("use: [crm]", "1:6: use: expected the name of a mapping file without .yaml, such as hubspot"),
    ("use: ../crm", "1:6: use: expected the name of a mapping file without .yaml, such as hubsp"),
    ("lookup: {}", "1:1: lookup.url: this key is missing: write the record's address"),
    ("lookup: https://a.b/{$.id}", "1:9: lookup: expected a map with url, or a map of such maps"),
    ("lookup: {url: https://a.b/x}", "1:15: lookup.url: the address names no record: insert an id"),
    ("lookup: {url: 'https://{$.host}/x'}", "1:15: lookup.url: expected https://…, or http:// to"),
    ("lookup: {url: 'https://a.b{$.id}'}", "1:15: lookup.url: expected https://…, or http:// to"),
    ("lookup: {url: 'http://a.b/{$.id}'}", "1:15: lookup.url: expected https://…, or http:// to"),
    ("lookup: {url: 'ftp://a.b/{$.id}'}", "1:15: lookup.url: expected https://…, or http:// to"),
    ("lookup: {url: 'https://u:p@a.b/{$.id}'}", "1:15: lookup.url: the address may hold no cred"),
    ("lookup: {url: 'https://a.b/{$.id}#x'}", "1:15: lookup.url: the address may hold no space"),
    ("lookup: {url: 'https://a.b/é/{$.id}'}", "1:15: lookup.url: the address may hold no space"),
    ("lookup: {url: 'https://a.b/../{$.id}'}", "1:15: lookup.url: a part of the address is '.'"),
    ("lookup: {url: 'https://a.b/{$.id'}", "1:15: lookup.url: a brace is not closed"),
    ("lookup: {url: 'https://a.b/{$.}'}", "1:15: lookup.url: '$.' is not a JSONPath"),
    ("lookup: {url: 'https://a.b/{$.lookup.x}'}", "1:15: lookup.url: $.lookup.x reads a look-up"),
    ("lookup: {url: 'https://a.b/{$.a}', hdrs: {}}", "1:36: lookup.hdrs: unknown key (did you"),
    (
        "lookup: {url: 'https://a.b/{$.a}', headers: {a: 'é'}}",
        "1:49: lookup.headers.a: expected visible ASCII characters",
    ),
    (
        "lookup: {url: 'https://a.b/{$.a}', headers: {'a b': c}}",
        "1:53: lookup.headers.a b: expected the name of a header",
    ),
    (
        "lookup: {url: 'https://a.b/{$.a}', timeout: 1h}",
        "1:45: lookup.timeout: expected a duration from 50ms to 1m",
    ),
    (
        "lookup: {a-b: {url: 'https://a.b/{$.a}'}}",
        "1:15: lookup.a-b: expected a name of letters, digits and '_'",
    ),
    (
        "lookup: {a: {url: 'https://a.b/{$.lookup.b.id}'}, b: {url: 'https://a.b/{$.id}'}}",
        "1:19: lookup.a.url: $.lookup.b.id reads a look-up that is not made before",
    ),
    (
        "lookup: {a: {url: 'https://a.b/{$.lookup.b[?(@.x==1)].id}'}, b: {url: 'https://a.b/{$.id}'}}",
        "1:19: lookup.a.url: $.lookup.b[?(@.x==1)].id reads a look-up that is not made before",
    ),
    (
        "lookup: {url: 'https://a.b/{$.a}'}\neach: $.lookup.items",
        "2:7: each: this is decided before the look-up: it cannot read $.lookup",
    ),
    (
        "lookup: {url: 'https://a.b/{$.a}'}\ndecode: {json: [$.lookup.text]}",
        "2:9: decode: this is decided before the look-up: it cannot read $.lookup",
    ),
    ("burst: 0", "1:8: burst: expected 1 or more, found '0'"),
    ("burst: many", "1:8: burst: expected a whole number, found 'many'"),
    ("enabled: maybe", "1:10: enabled: expected true or false, found 'maybe'"),
    ("methods: [PUT]", "1:11: methods[0]: expected GET or POST, found 'PUT'"),
    ("description: 5", "1:14: description: expected text: put it in quotes, found '5'"),
    # auth
    ("auth: {}", "1:7: auth: expected one or more of token, header"),
    ("auth: secret", "1:7: auth: expected a map of keys"),
    ("auth: []", "1:7: auth: expected at least 1"),
    ("auth: {tokn: t}", "1:8: auth.tokn: unknown key (did you mean 'token'?)"),
    ("auth: {token: ''}", "1:15: auth.token: expected text that is not empty"),
    ("auth: {token: '${EMPTY:-}'}", "1:15: auth.token: expected text that is not empty, found '${"),
    ("auth: {token: [a, 123456]}", "1:19: auth.token[1]: expected text: put it in quotes"),
    ("auth: {token: []}", "1:15: auth.token: expected a token that is not empty"),
    ("auth: {none: ' '}", "1:14: auth.none: expected text that is not empty"),
    ("auth: {none: ok, token: t}", "1:7: auth: none stands alone"),
    ("auth: [{none: ok}, {token: a-long-enough-token}]", "1:7: auth: none among several"),
    ("auth: {header: {value: v}}", "1:8: auth.header.name: this key is missing"),
    ("auth: {header: {name: 'a b', value: v}}", "1:23: auth.header.name: expected the name of"),
    (
        "auth: {basic: {username: 'a:b', password: a-long-enough-word}}",
        "1:15: auth.basic: expected a username",
    ),
    (
        "auth: {body: {path: $, value: a-long-enough-value}}",
        "1:14: auth.body: expected a path to one place",
    ),
    ("auth: {body: {path: hush, value: v}}", "1:21: auth.body.path: expected a JSONPath"),
    ("auth: {ip: [office]}", "1:13: auth.ip[0]: expected an IP address or network"),
    ("auth: {hmac: {header: x}}", "1:8: auth.hmac.secret: this key is missing: write the secret"),
    (
        "auth: {hmac: {header: x, secret: s, signed: '{body}{bdy}'}}",
        "1:14: auth.hmac: expected a secret in its secret_encoding, and in signed the placeholders",
    ),
    (
        "auth: {hmac: {header: x, secret: hush, secret_encoding: hex}}",
        "1:14: auth.hmac: expected a secret in its secret_encoding, and in signed the placeholders",
    ),
    (
        "auth: {hmac: {header: x, secret: hush, secret_encoding: hexadecimal}}",
        "1:57: auth.hmac.secret_encoding: expected text, hex or base64",
    ),
    (
        "auth: {hmac: {header: x, secret: s, wrapped: maybe}}",
        "1:46: auth.hmac.wrapped: expected true",
    ),
    (
        "auth: {hmac: {header: x, secret: s, signed: '{timestamp}{body}'}}",
        "1:14: auth.hmac: {timestamp} is signed, so say where it stands",
    ),
    (
        "auth: {hmac: {header: x, secret: s, timestamp: {}}}",
        "1:48: auth.hmac.timestamp: expected exactly one of header, field, query, path",
    ),
    (
        "auth: {hmac: {header: x, secret: s, algorithm: md5}}",
        "1:48: auth.hmac.algorithm: expected sha256, sha1, sha384 or",
    ),
    ("auth: {hubspot: {client_secret: s, version: v4}}", "1:45: auth.hubspot.version: expected v1"),
    ("auth: {hubspot: {client_secret: s, version: v3}}", "1:17: auth.hubspot: v3 signs the URL"),
    ("auth: {standard_webhooks: {secret: hush!}}", "1:27: auth.standard_webhooks: expected a sec"),
    # agent and routes
    ("agent: sails", "1:8: agent: adapter.yaml has no such agent (did you mean 'sales'?)"),
    ("agent: [sales]", "1:8: agent: expected text"),
    ("agents: sales", "1:1: agents: unknown key (did you mean 'agent'?)"),
    ("routes: []", "1:9: routes: expected at least 1"),
    (
        "routes: [{agent: sales, when: {path: $.a}}]",
        "1:31: routes[0].when: expected exactly one of",
    ),
    ("routes: [{agnt: sales}]", "1:11: routes[0].agnt: unknown key (did you mean 'agent'?)"),
    ("routes: [{agent: x}]", "1:18: routes[0].agent: adapter.yaml has no such agent"),
    # phone
    ("phone: +442079460000", "1:8: phone: expected a JSONPath, such as $.phone, found '+4420"),
    ("phone: contact.phone", "1:8: phone: expected a JSONPath, such as $.phone, found 'contact."),
    ("phone:", "1:1: phone: expected a path such as $.phone, or a map"),
    ("phone: [$.a, $.b]", "1:8: phone: expected a path such as $.phone, or a map with path, paths"),
    ("phone: {region: ES}", "1:8: phone: expected exactly one of path, paths, template"),
    ("phone: {paths: [$.a, 5]}", "1:22: phone.paths[1]: expected a JSONPath, such as $.phone"),
    ("phone: {paths: [$.a], from: query}", "1:8: phone: write from beside each path"),
    ("phone: {template: 'x'}", "1:19: phone.template: template 'x' inserts nothing"),
    (
        "phone: {path: $.a, region: UK}",
        "1:28: phone.region: expected an ISO 3166 country code (did",
    ),
    (
        "phone: {path: $.a, region: XX}",
        "1:28: phone.region: expected an ISO 3166 country code, such",
    ),
    (
        "phone: {path: $.a, region: {path: $.c, map: {Spain: 34}}}",
        "1:53: phone.region.map.Spain: expected text: put it in quotes, found '34'",
    ),
    ("phone: {path: $.a, region: 34}", "1:28: phone.region: expected an ISO code such as ES"),
    ("phone: {path: $.a, region: [ES]}", "1:28: phone.region: expected an ISO code such as ES"),
    (
        "phone: {path: $.a, region: {path: $.c, map: {Spain: SP}}}",
        "1:53: phone.region.map.Spain: expected an ISO 3166 country code",
    ),
    (
        "phone: {path: $.a, region: {path: $.c, default: Spain}}",
        "1:49: phone.region.default: expected an ISO 3166 country code (did you mean ES?)",
    ),
    (
        "phone: {path: $.a, region: {path: '$.c['}}",
        "1:35: phone.region.path: '$.c[' is not a JSONPath",
    ),
    # variables
    ("variables: [a]", "1:12: variables: expected a map of keys"),
    ("variables: {a: }", "1:13: variables.a: expected a path such as $.name, a constant, or a map"),
    ("variables: {a: [b]}", "1:16: variables.a: expected a path such as $.name, a constant, or"),
    (
        'variables: {a: "($.b)|($.c)"}',
        "1:16: variables.a: a path begins with $: write alternatives",
    ),
    ("variables: {a: 1.10}", "1:16: variables.a: this would be read as 1.1: put it in quotes"),
    ("variables: {a: True}", "1:16: variables.a: this would be read as true: put it in quotes"),
    ("variables: {a: 007}", "1:16: variables.a: this would be read as 7: put it in quotes"),
    (f"variables: {{a: {'9' * 500}}}", "1:16: variables.a: this number is too long"),
    ("variables: {a: $9 plan}", "1:16: variables.a: '$9 plan' is not a JSONPath"),
    ("variables: {a: {path: $.x, const: y}}", "1:16: variables.a: expected exactly one of path"),
    ("variables: {a: {const: y, from: query}}", "1:16: variables.a: a constant is read from"),
    ("variables: {a: {template: '{$.x}', join: y}}", "1:16: variables.a: join stands beside"),
    (
        "variables: {a: {path: $.x, from: body}}",
        "1:34: variables.a.from: expected document, query or head",
    ),
    ("variables: {a: {path: $.x, map: {k: [v]}}}", "1:37: variables.a.map.k: expected text, a"),
    ("variables: {a: {path: $.x, default: 1.0}}", "1:37: variables.a.default: this would be read"),
    (
        "variables: {a: {path: $.x, transform: up}}",
        "1:39: variables.a.transform: unknown transform",
    ),
    ("variables: {a: {path: $.x, transform: [5]}}", "1:40: variables.a.transform[0]: expected tex"),
    ("variables: {a: {path: $.x, transform: {}}}", "1:39: variables.a.transform: expected exactly"),
    (
        "variables: {a: {path: $.x, transform: {truncate: 0}}}",
        "1:50: variables.a.transform.truncate: expected 1 or more",
    ),
    (
        "variables: {a: {path: $.x, transform: {truncate: 5, timezone: UTC}}}",
        "1:39: variables.a.transform: timezone stands beside date only",
    ),
    (
        "variables: {a: {path: $.x, transform: {date: '%d', timezone: Mars}}}",
        "1:62: variables.a.transform.timezone: unknown timezone",
    ),
    (
        "variables: {a: {path: $.x, transform: {replace: ['(', x]}}}",
        "1:49: variables.a.transform.replace: '(' is not a regular expression",
    ),
    (
        "variables: {a: {path: $.x, transform: {replace: [x]}}}",
        "1:49: variables.a.transform.replace: expected at least 2",
    ),
    ("variables: {1st: x}", "1:13: variables.1st: a variable's name begins"),
    ("variables: {System_a: x}", "1:13: variables.System_a: 'System_a' begins with"),
    ("variables: {'*': x}", '1:18: variables.*: "*" copies an object'),
    ("variables: {'*': {path: $.x, default: y}}", '1:18: variables.*: "*" copies an object'),
    # guards
    ("when: {path: $.a, equal: x}", "1:19: when.equal: unknown key (did you mean 'equals'?)"),
    ("when: {path: $.a, equals: x, exists: true}", "1:7: when: expected exactly one of equals"),
    ("when: {equals: x}", "1:7: when: a comparison needs a path"),
    ("when: {path: $.a, any: [{path: $.b, gt: 1}]}", "1:7: when: path and from belong into"),
    ("when: {path: '$[', equals: x}", "1:14: when.path: '$[' is not a JSONPath"),
    ("when: {path: $.a, matches: '('}", "1:28: when.matches: '(' is not a regular expression"),
    ("when: {path: $.a, gt: much}", "1:23: when.gt: expected a number"),
    ("when: {path: $.a, in: lead}", "1:23: when.in: expected a list, found 'lead'"),
    ("when: {path: $.a, in: []}", "1:23: when.in: expected a list of texts"),
    ("when: {path: $.a, exists: perhaps}", "1:27: when.exists: expected true or false"),
    ("when: {path: $.a, gt: 1, reason: Too Old}", "1:34: when.reason: expected a word of lower"),
    ("when: [{any: []}]", "1:14: when[0].any: expected at least 1"),
    ("when: {not: {path: $.a, gt: x}}", "1:29: when.not.gt: expected a number"),
    ("when: {all: [{path: $.a, gt: 1, reason: x}]}", "1:33: when.all[0].reason: unknown key"),
    # the rest
    ("each: contacts", "1:7: each: expected a JSONPath"),
    ("each: '$..['", "1:7: each: '$..[' is not a JSONPath"),
    ("occurred_at: yesterday", "1:14: occurred_at: expected a JSONPath, such as $.phone, found"),
    ("timezone: Europe/Madrid", "1:11: timezone: expected a JSONPath, such as $.phone, found"),
    ("timezone: '$['", "1:11: timezone: '$[' is not a JSONPath"),
    ("dedupe: {key: [id]}", "1:16: dedupe.key[0]: expected a JSONPath, such as $.phone"),
    ("dedupe: {key: '$['}", "1:15: dedupe.key: '$[' is not a JSONPath"),
    ("dedupe: {window: 4}", "1:18: dedupe.window: expected a duration with its unit"),
    ("decode: {yaml: $.a}", "1:10: decode.yaml: unknown key"),
    ("decode: {json: ['$[']}", "1:17: decode.json[0]: '$[' is not a JSONPath"),
    ("handshake: {}", "1:12: handshake: expected exactly one of meta, linkedin, zoom"),
    ("handshake: {echo: '$['}", "1:19: handshake.echo: expected a JSONPath"),
    ("handshake: {echo_json: '$['}", "1:24: handshake.echo_json: expected a JSONPath"),
    ("handshake: {echo_json: $.a.b}", "1:24: handshake.echo_json: expected the path of one key"),
    ("handshake: {echo_json: '$[0]'}", "1:24: handshake.echo_json: expected the path of one key"),
    ("handshake: {echo_json: $..a}", "1:24: handshake.echo_json: expected the path of one key"),
    ("handshake: {linkedin: {}}", "1:13: handshake.linkedin.client_secret: this key is missing"),
    (
        "handshake: {linkedin: {client_secret: ''}}",
        "1:39: handshake.linkedin.client_secret: expected text",
    ),
    ("handshake: {ping: {path: $.a, gt: x}}", "1:35: handshake.ping.gt: expected a number"),
    ("handshake: {meta: {verify_token: ''}}", "1:34: handshake.meta.verify_token: expected text"),
    ("respond: ok", "1:10: respond: expected salesforce_ack, or a map"),
    ("respond: {status: 100}", "1:19: respond.status: expected 200 or more, found '100'"),
    # examples
    ("examples: [{name: x, calls: []}]", "1:12: examples[0].request: this key is missing"),
    ("examples: [{name: x, request: {json: 1, text: a}, calls: []}]", "1:31: examples[0].request:"),
    (
        "examples: [{name: x, request: {form: {a: {b: c}}}, calls: []}]",
        "1:42: examples[0].request.form.a: a form is flat",
    ),
    (
        "examples: [{name: x, request: {form: a}, calls: []}]",
        "1:38: examples[0].request.form: expected a map of fields",
    ),
    (
        "examples: [{name: x, request: {query: [a]}, calls: []}]",
        "1:39: examples[0].request.query: expected a query string",
    ),
    (
        "examples: [{name: x, request: {}, calls: [{phone: +442079460000}]}]",
        "1:51: examples[0].calls[0].phone: expected text in quotes, as the agent will get it",
    ),
    (
        "examples: [{name: x, request: {}, calls: [{variables: {a: 5}}]}]",
        "1:59: examples[0].calls[0].variables.a: expected text in quotes",
    ),
    (
        "examples: [{name: x, request: {}, calls: [{}]}]",
        "1:43: examples[0].calls[0]: expected a call (agent, phone, variables), or refused",
    ),
    (
        "examples: [{name: x, request: {}, calls: [{refused: a, phone: '1'}]}]",
        "1:43: examples[0].calls[0]: refused or ignored stands alone",
    ),
]


@pytest.mark.parametrize(("line", "expected"), MISTAKES, ids=[each for each, _ in MISTAKES])
def test_one_mistake_is_one_problem(project: Project, line: str, expected: str) -> None:
    """Every mistake gives just one problem: where, what was expected, and what was found."""
    key = line.partition(":")[0]
    replaced = {"routes": "agent", "agents": "agent"}.get(key, key)
    rest = [f"{key}: {value}" for key, value in REST.items() if key != replaced]
    problems = project.problems(mapping="\n".join([line, *rest]) + "\n")
    assert len(problems) == 1, problems
    assert problems[0].startswith(expected)
    assert "hush" not in problems[0]
    assert "123456" not in problems[0].replace("0123456", "")


@pytest.mark.parametrize("key", REST)
def test_required_keys(project: Project, key: str) -> None:
    """Without auth, agent or phone a source does not load, and the problem says what to write."""
    rest = [f"{name}: {value}" for name, value in REST.items() if name != key]
    (problem,) = project.problems(mapping="\n".join(rest))
    assert problem.startswith(f"1:1: {key}: this key is missing: ")


def test_agent_and_routes_exclude_each_other(project: Project) -> None:
    """Both is one too many."""
    mapping = f"routes: [{{agent: sales}}]\n{MAPPING}"
    (problem,) = project.problems(mapping=mapping)
    assert problem.startswith("1:1: routes: agent stands here too")


def test_a_broken_entry_hides_no_other(project: Project) -> None:
    """An ill-shaped entry of a list or map leaves the others' places and problems as they are."""
    mapping = """\
auth: {token: a-long-enough-token}
agent: sales
phone: $.phone
when:
  - {path: $.a, equals: [x]}
  - {path: '$[', equals: x}
variables:
  a: [x]
  b: $[
examples:
  - {name: x}
  - {name: y, request: {}, calls: []}
"""
    assert [each.split(": ")[:2] for each in project.problems(mapping=mapping)] == [
        ["5:25", "when[0].equals"],
        ["6:12", "when[1].path"],
        ["8:6", "variables.a"],
        ["9:6", "variables.b"],
        ["11:5", "examples[0].request"],
        ["11:5", "examples[0].calls"],
    ]


def test_an_ill_shaped_agent_is_still_known(project: Project) -> None:
    """A mapping is not told that an agent is missing whose own line is wrong."""
    problems = project.problems(SETTINGS + "    timeout: soon\n")
    assert len(problems) == 1


def test_a_mapping_that_is_no_map(project: Project) -> None:
    """A list in place of the keys is one problem, and the missing keys are not repeated."""
    assert project.problems(mapping="- a\n")[0].startswith("1:1: expected a map of keys")
