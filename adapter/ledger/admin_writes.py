"""Writes that people ask for: switches, replays, blocks, captures, and to forget somebody."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from adapter.errors import LedgerError
from adapter.ledger.calls import accepting, captures, lookup_claims, replays
from adapter.ledger.dedupe import Repeats
from adapter.ledger.erasure import forgetting
from adapter.ledger.holds import agents as agent_holds
from adapter.ledger.holds import blocklist, sources
from adapter.ledger.reads import Reads
from adapter.ledger.records import Blocking, Capture, Forgotten, Replayed
from adapter.ledger.sqlite.dialect import rewrite, truncate_log
from adapter.ledger.writer import Writer
from adapter.model import REPLAYABLE, Call, MappedCall, State, Webhook
from adapter.values.numbering_plans import person_of

NO_REPEATS = Repeats()
TRUNCATE_TRIES = 5


class AdminWrites:
    """The ledger's writes that people ask for; `new_id` names the calls that a replay adds."""

    def __init__(self, writer: Writer, reads: Reads, new_id: Callable[[], str]) -> None:
        self._writer = writer
        self._reads = reads
        self._new_id = new_id

    async def cure(self, agent: str, now: datetime) -> int:
        """Clear an agent's halt and release the calls that it held; return how many."""
        return await self._writer.submit(partial(agent_holds.cure, agent=agent, now=now))

    async def pause(self, agent: str | None, now: datetime, *, agents: Iterable[str] = ()) -> int:
        """Hold an agent's waiting calls, and those to come; None is every known agent.

        Known are `agents` and those of the last `reconcile`. Returns how many calls it held.
        """
        return await self._writer.submit(
            partial(agent_holds.pause, agent=agent, now=now, agents=tuple(agents))
        )

    async def resume(self, agent: str | None, now: datetime, *, agents: Iterable[str] = ()) -> int:
        """Undo a pause and a halt; None is every known agent. Returns how many calls it freed."""
        return await self._writer.submit(
            partial(agent_holds.resume, agent=agent, now=now, agents=tuple(agents))
        )

    async def reconcile(self, agents: Mapping[str, str], now: datetime) -> None:
        """Compare with the configured agents (name → fingerprint), at start and at each reload.

        Calls of an unknown agent are held as `agent_missing`, those of a reappeared one released,
        and an agent halted under another fingerprint is cured.
        """
        await self._writer.submit(partial(agent_holds.reconcile, agents=dict(agents), now=now))

    async def reconcile_lookups(
        self, fingerprints: Mapping[str, str], now: datetime
    ) -> tuple[str, ...]:
        """Compare with the configured look-ups (source → fingerprint), as `reconcile` for agents.

        Calls held as `lookup_denied` under another fingerprint are released. Returns the sources
        that have look-ups, or calls that need one.
        """
        return await self._writer.submit(
            partial(lookup_claims.reconcile_lookups, fingerprints=dict(fingerprints), now=now)
        )

    async def replay(
        self,
        call_id: str,
        mapped: MappedCall,
        *,
        now: datetime,
        repeats: Repeats = NO_REPEATS,
    ) -> Replayed:
        """Put a call, mapped anew, back to `waiting`; it keeps its id and takes its keys again.

        ConflictError: no such call, not in a state to replay, a key is held by another call, or
        the mapping now refuses or ignores a call that may have rung.
        """
        return await self._writer.submit(
            partial(replays.replay, call_id=call_id, mapped=mapped, repeats=repeats, now=now)
        )

    async def replay_webhook(  # noqa: PLR0913 - each is one column of what is stored
        self,
        webhook_id: str,
        calls: Sequence[MappedCall],
        *,
        now: datetime,
        reason: str = "",
        states: Collection[State] = REPLAYABLE,
        repeats: Repeats = NO_REPEATS,
    ) -> tuple[Replayed, ...]:
        """Replay each call of a webhook that is in `states`, by position; insert new positions.

        A call that cannot be replayed is left as it is, with its `conflict`; ConflictError if that
        is true of all. `reason` is the webhook's own, for when there are no calls.
        """
        webhook_replay = replays.WebhookReplay(
            webhook_id=webhook_id,
            drafts=accepting.draft(calls, repeats, self._new_id),
            reason=reason,
            states=frozenset(states),
        )
        return await self._writer.submit(
            partial(replays.replay_webhook, webhook_replay=webhook_replay, now=now)
        )

    async def resolve(self, call_id: str, rung: bool, now: datetime, note: str = "") -> Call:
        """Record a person's word on an `uncertain` call; ConflictError in any other state."""
        return await self._writer.submit(
            partial(replays.resolve, call_id=call_id, rung=rung, now=now, note=note)
        )

    async def pause_source(self, source: str, now: datetime) -> int:
        """Hold a source's calls, and those to come; return how many it held."""
        return await self._writer.submit(partial(sources.pause_source, name=source, now=now))

    async def resume_source(self, source: str, now: datetime) -> int:
        """Undo a source's pause and its burst; return how many calls may ring again."""
        return await self._writer.submit(partial(sources.resume_source, name=source, now=now))

    async def open_capture(self, capture: Capture, now: datetime) -> None:
        """Let a source without a mapping send; an earlier capture of its name ends."""
        await self._writer.submit(partial(captures.open_capture, capture=capture, now=now))

    async def close_capture(self, name: str, now: datetime) -> bool:
        """End a capture before its time; return whether it was open."""
        return await self._writer.submit(partial(captures.close_capture, name=name, now=now))

    async def block(self, phones: Sequence[str], now: datetime, *, note: str = "") -> Blocking:
        """Never ring these numbers; their calls that wait or are held end at once."""
        return await self._writer.submit(
            partial(blocklist.block, phones=tuple(phones), note=note, now=now)
        )

    async def unblock(self, phones: Sequence[str]) -> int:
        """Let these numbers be rung again; return how many were blocked."""
        return await self._writer.submit(partial(blocklist.unblock, phones=tuple(phones)))

    async def forget(
        self,
        phone: str,
        now: datetime,
        *,
        spellings: Sequence[str],
        texts: Callable[[Webhook], Iterable[str]],
        terms: Sequence[str] = (),
    ) -> Forgotten:
        """Erase a person, to the byte: their calls, and every webhook that holds their number.

        `spellings` are the number's digits as senders write them: with and without the country.
        `texts` gives all that a webhook says, as decoded, with ASCII digits and signs. What a
        search for the number finds, by its `terms`, is erased, and what holds it anywhere else.
        Ended calls keep their state, for the counts; those that wait or are held end as `blocked`.
        Dedupe keys, which are hashes, and a block stay. The file is written anew, a second for each
        70 MB, while other writes wait. ConflictError while the number is being rung.
        """
        sought = forgetting.Sought(
            person=person_of(phone),
            terms=(person_of(phone), *spellings, *terms),
            pattern=forgetting.pattern_of(spellings),
            texts=texts,
        )
        after, last, found = None, "", list[str]()
        while last != after:
            after = last
            ids, last = await self._reads.run(partial(forgetting.find, after=after, sought=sought))
            found += ids
        erasing = forgetting.Erasing(sought=sought, webhook_ids=tuple(found), after=last)
        forgotten = await self._writer.submit(partial(forgetting.forget, erasing=erasing, now=now))
        await self._writer.submit_alone(rewrite)
        for _ in range(TRUNCATE_TRIES):
            if await self._writer.submit_alone(truncate_log):
                return forgotten
        raise LedgerError(
            "it is erased, but a copy is left in the ledger's log until its readers have ended: "
            "ask again"
        )
