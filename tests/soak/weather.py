"""What an agent answers in a storm: every row of the outcome table, drawn by a seed.

The draw depends on the phone and on how often it was tried, never on the order in which calls
arrive: the same seed gives the same answers however the machine is loaded.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapter.mock_agent.script import Script, Scripted, answer_of_code
from tests.harness.vendor import Asked, Reply, answer

SLOWEST_S = 0.08
# After so many answers a phone is accepted, so that a storm's leads come to an end.
FICKLE_ANSWERS = 3
_CODE_IN_A_2XX = '{"status":"ok","note":"ctc:002"}'

WEIGHTS: Mapping[Scripted, float] = {
    Scripted(): 60,
    Scripted(label="204", status=204): 3,
    Scripted(label="201", status=201, body="\x00 not JSON"): 3,
    Scripted(label="503", status=503): 4,
    Scripted(label="429", status=429, headers=(("retry-after", "1"),)): 3,
    answer_of_code("ctc:002"): 3,
    answer_of_code("ctc:008"): 3,
    answer_of_code("ctc:007"): 1,
    Scripted(label="400", status=400): 2,
    Scripted(label="422", status=422): 2,
    Scripted(label="200", body=_CODE_IN_A_2XX): 2,
    Scripted(label="408", status=408): 2,
    Scripted(label="500", status=500): 2,
    Scripted(label="502", status=502): 2,
    **{Scripted(label=act, act=act): 2 for act in ("drop", "reset", "half", "garbage")},
    **{Scripted(label=act, act=act): 0.5 for act in ("hang", "drip")},
    **{Scripted(label=str(status), status=status): 0.2 for status in (302, 401, 403, 404, 405)},
    **{
        answer_of_code(code): 0.2
        for code in ("ctc:001", "ctc:003", "ctc:004", "ctc:005", "ctc:006")
    },
}


@dataclass(kw_only=True, slots=True)
class Mood:
    """Whether the storm is over."""

    is_calm: bool = False


def record_in(weather: "Weather") -> Callable[[Asked], Reply]:
    """Return a vendor's API in the same weather: it tells a lead's phone, once it is calm."""
    tries: Counter[str] = Counter()

    def reply(asked: Asked) -> Reply:
        tries[asked.target] += 1
        chance = random.Random(f"{weather.seed} {asked.target} {tries[asked.target]}")
        luck = 1.0 if weather.mood.is_calm else chance.random()
        if luck < 0.2:
            worse = {
                0.01: answer({}, 401),
                0.03: None,
                0.06: b"garbage\r\n\r\n",
                0.2: answer({}, 503),
            }
            return next(each for bound, each in worse.items() if luck < bound)
        return answer({"phone": f"+{asked.target.removeprefix('/leads/')}", "name": "Ada"})

    return reply


@dataclass(frozen=True, kw_only=True, slots=True)
class Weather(Script):
    """A script without an end; once the mood is calm, every call is accepted."""

    seed: int
    mood: Mood = field(default_factory=Mood)

    def lane(self, phone: str) -> str:
        """Count each phone's answers by themselves."""
        return phone

    def answer(self, phone: str, position: int) -> Scripted:
        """Return the answer to this phone's attempt at this position."""
        chance = random.Random(f"{self.seed} {phone} {position}")
        delay_s = chance.uniform(0, SLOWEST_S)
        if self.mood.is_calm or position >= FICKLE_ANSWERS:
            return Scripted(delay_s=delay_s)
        drawn = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return Scripted(
            label=drawn.label,
            act=drawn.act,
            status=drawn.status,
            body=drawn.body,
            headers=drawn.headers,
            delay_s=delay_s,
        )
