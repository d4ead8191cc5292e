"""Lists: filters, pages, and what is not there."""

import pytest

from adapter.ledger.records import CallFilter, WebhookFilter
from adapter.model import Reason, State, WebhookState
from tests.harness.ledger import ADA, BEN, CLEO, MINUTE, Desk, ignored, lead, refused


def test_pages_are_newest_first_and_miss_none(desk: Desk) -> None:
    """Following the cursor shows every call once, and ends."""
    ids = [desk.accept_one(lead(ADA, key=str(number))).id for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    for size in (2, 2, 1):
        page, cursor = desk.do(desk.ledger.reads.calls(CallFilter(), 2, cursor))
        assert len(page) == size
        seen += [call.id for call in page]
    assert (seen, cursor) == (ids[::-1], None)


def test_a_full_last_page_has_no_next(desk: Desk) -> None:
    """The cursor promises that there is more."""
    desk.accept(lead(ADA), lead(BEN))
    assert desk.do(desk.ledger.reads.calls(CallFilter(), 2))[1] is None


CALL_FILTERS = {
    "all": (CallFilter(), [3, 2, 1, 0]),
    "state": (CallFilter(states=(State.WAITING,)), [3, 0]),
    "source": (CallFilter(source="forms"), [3]),
    "agent": (CallFilter(agent="support"), [3]),
    "phone": (CallFilter(numbers=(BEN,)), [2]),
    "reason": (CallFilter(reason=Reason.PHONE_MISSING), [1]),
    "several": (CallFilter(states=(State.WAITING,), agent="sales"), [0]),
    "none": (CallFilter(numbers=(ADA,), agent="support"), []),
}


@pytest.mark.parametrize(("which", "expected"), CALL_FILTERS.values(), ids=CALL_FILTERS)
def test_calls_are_filtered(desk: Desk, which: CallFilter, expected: list[int]) -> None:
    """Each filter narrows, and all must hold."""
    calls = [*desk.accept(lead(ADA), refused(), ignored()).calls]
    calls += desk.accept(lead(CLEO, agent="support"), source="forms").calls
    page, _ = desk.do(desk.ledger.reads.calls(which, 10))
    assert [call.id for call in page] == [calls[place].id for place in expected]


def test_lists_begin_at_a_moment(desk: Desk) -> None:
    """`since` is inclusive, for calls and webhooks."""
    desk.accept(lead(ADA))
    since = desk.clock.advance(MINUTE)
    late = desk.accept(lead(BEN))
    assert desk.do(desk.ledger.reads.calls(CallFilter(since=since), 9))[0] == list(late.calls)
    webhooks, _ = desk.do(desk.ledger.reads.webhooks(WebhookFilter(since=since), 9))
    assert [webhook.id for webhook in webhooks] == [late.webhook.id]


WEBHOOK_FILTERS = {
    "all": (WebhookFilter(), [2, 1, 0]),
    "state": (WebhookFilter(states=(WebhookState.REFUSED,)), [1]),
    "source": (WebhookFilter(source="forms"), [2]),
    "reason": (WebhookFilter(reason=Reason.PHONE_MISSING), [1]),
}


@pytest.mark.parametrize(("which", "expected"), WEBHOOK_FILTERS.values(), ids=WEBHOOK_FILTERS)
def test_webhooks_are_filtered(desk: Desk, which: WebhookFilter, expected: list[int]) -> None:
    """Lists leave bodies out, which may be large."""
    stored = [
        desk.accept(lead(ADA)).webhook,
        desk.accept(refused()).webhook,
        desk.accept(lead(BEN), source="forms").webhook,
    ]
    page, _ = desk.do(desk.ledger.reads.webhooks(which, 10))
    assert [webhook.id for webhook in page] == [stored[place].id for place in expected]
    assert {webhook.body for webhook in page} <= {b""}


def test_webhooks_have_pages(desk: Desk) -> None:
    """The cursor of webhooks works as that of calls."""
    ids = [desk.accept(refused()).webhook.id for _ in range(3)]
    first, cursor = desk.do(desk.ledger.reads.webhooks(WebhookFilter(), 2))
    rest, end = desk.do(desk.ledger.reads.webhooks(WebhookFilter(), 2, cursor))
    assert ([webhook.id for webhook in [*first, *rest]], end) == (ids[::-1], None)


def test_what_is_not_there_is_none(desk: Desk) -> None:
    """Reading an unknown id is no error."""
    assert desk.do(desk.ledger.reads.call("none")) is None
    assert desk.do(desk.ledger.reads.webhook("none")) is None
