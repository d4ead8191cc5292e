"""CRMs that post leads as the real ones do, each lead again and again until it is acknowledged."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import phonenumbers

from tests.harness.in_process import TOKEN
from tests.harness.oracle import Told

SENDER_PATIENCE_S = 1.5  # shorter than most stops of the process, so that they send again meanwhile
ECHO_SHARE = 0.1

MAPPINGS: Mapping[str, str] = {
    "hubspot": f"""\
auth: {{token: {TOKEN}}}
agent: first
phone: $.properties.phone.value
variables: {{name: $.properties.firstname.value}}
dedupe: {{key: $.vid, window: 4d}}
""",
    "salesforce": f"""\
auth: {{token: {TOKEN}}}
agent: second
respond: salesforce_ack
each: $.Envelope.Body.notifications.Notification[*]
phone: $.sObject.Phone
variables: {{name: $.sObject.FirstName}}
dedupe: {{key: $.Id, window: 4d}}
""",
    "form": f"""\
auth: {{token: {TOKEN}}}
agent: third
phone: $.contact.phone
variables: {{name: $.contact.name}}
""",
    "names": f"""\
auth: {{token: {TOKEN}}}
agent: first
lookup:
  url: "${{VENDOR_URL}}/leads/{{$.id}}"
  headers: {{x-key: a-key-of-the-vendor}}
  timeout: 500ms
phone: $.lookup.phone
variables: {{name: $.lookup.name}}
dedupe: {{key: $.id, window: 4d}}
""",
}
_SOAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
 <soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">
  <Notification><Id>04l{digits}</Id>
   <sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
    <sf:FirstName>Ada</sf:FirstName><sf:Phone>{phone}</sf:Phone>
   </sObject></Notification>
 </notifications></soapenv:Body>
</soapenv:Envelope>"""


def phones() -> Iterator[str]:
    """Yield fiction's numbers of North America, each once: some forty thousand."""
    areas = [area for area in range(200, 990) if _is_ordinary(f"+1{area}5550123")]
    return (f"+1{area}5550{number}" for number in range(100, 200) for area in areas)


def _is_ordinary(phone: str) -> bool:
    """Tell whether it is neither free of charge nor dear, nor no number at all."""
    ordinary = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    return bool(phonenumbers.number_type(phonenumbers.parse(phone)) == ordinary)


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """How a CRM posts: to which source, what, how many at a time, and what it takes for a yes."""

    source: str
    content: Callable[[str], Mapping[str, Any]]
    copies: int = 1
    is_acknowledged: Callable[[httpx.Response], bool] = lambda answer: answer.is_success


def _hubspot(phone: str) -> Mapping[str, Any]:
    properties = {"phone": {"value": phone}, "firstname": {"value": "Ada"}}
    return {"json": {"vid": int(phone[1:]), "properties": properties}}


def _salesforce(phone: str) -> Mapping[str, Any]:
    body = _SOAP.format(phone=phone, digits=phone[1:])
    return {"content": body.encode(), "headers": {"content-type": "text/xml; charset=UTF-8"}}


def _form(phone: str) -> Mapping[str, Any]:
    return {"data": {"contact[phone]": phone, "contact[name]": "Ada"}}


def _names(phone: str) -> Mapping[str, Any]:
    return {"json": {"id": int(phone[1:])}}


def _is_acked(answer: httpx.Response) -> bool:
    return answer.is_success and "<Ack>true</Ack>" in answer.text


HABITS = (
    Habit(source="hubspot", content=_hubspot),
    Habit(source="salesforce", content=_salesforce, is_acknowledged=_is_acked),
    # A visitor who clicks twice, a proxy that sends again: the same bytes, side by side.
    Habit(source="form", content=_form, copies=3),
    Habit(source="names", content=_names),
)


@dataclass(kw_only=True, slots=True)
class Crms:
    """All senders; `told` is every acknowledgement, `strange` answers that none should get."""

    seed: int
    leads: Iterator[str]
    pause_s: float
    url: str = ""
    is_over: bool = False
    told: list[Told] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    sent: int = 0
    posts: int = 0

    async def work(self, number: int) -> None:
        """Post lead after lead until it is over, but see the last one through."""
        chance = random.Random(f"{self.seed} crm {number}")
        habit = HABITS[number % len(HABITS)]
        async with httpx.AsyncClient(trust_env=False, timeout=SENDER_PATIENCE_S) as client:
            while not self.is_over and (phone := next(self.leads, None)):
                self.sent += 1
                await asyncio.gather(
                    *(self._see_through(client, habit, phone, chance) for _ in range(habit.copies))
                )
                if chance.random() < ECHO_SHARE:  # its acknowledgement was lost on the way
                    await self._see_through(client, habit, phone, chance)
                await asyncio.sleep(chance.uniform(0, 2 * self.pause_s))

    async def _see_through(
        self, client: httpx.AsyncClient, habit: Habit, phone: str, chance: random.Random
    ) -> None:
        while not await self._post(client, habit, phone):  # noqa: ASYNC110 - it polls by nature
            await asyncio.sleep(chance.uniform(0.02, 0.3))

    async def _post(self, client: httpx.AsyncClient, habit: Habit, phone: str) -> bool:
        content = dict(habit.content(phone))
        headers = {"x-webhook-token": TOKEN, **content.pop("headers", {})}
        self.posts += 1
        try:
            answer = await client.post(
                f"{self.url}/hooks/{habit.source}", headers=headers, **content
            )
        except httpx.TransportError:
            return False
        if habit.is_acknowledged(answer):
            self.told.append(_told(phone, answer))
            return True
        if answer.status_code != 503:
            self.strange.append(f"{habit.source} was answered {answer.status_code}")
        return False


def _told(phone: str, answer: httpx.Response) -> Told:
    if "json" not in answer.headers["content-type"]:
        return Told(phone=phone)
    document = answer.json()
    return Told(
        phone=phone,
        webhook=document["webhook"],
        calls=tuple(call["id"] for call in document["calls"]),
    )
