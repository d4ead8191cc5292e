"""The decoded items of the webhooks that are being looked up.

A webhook of a thousand ids is a thousand look-ups: it must not be decoded as often.
"""

from collections.abc import Sequence

from adapter.config.source import Source
from adapter.mapping.values import View

MOST = 4  # a source makes a few look-ups at once, in the order of their webhooks


class ViewCache:
    """The last few webhooks' views, by webhook and by the mapping that made them."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Source, Sequence[View]]] = {}

    def views(self, webhook: str, source: Source) -> Sequence[View] | None:
        """Return the views of a webhook's items; None where they are to be made (anew)."""
        maker, views = self._kept.get(webhook, (None, ()))
        return views if maker is source else None

    def keep(self, webhook: str, source: Source, views: Sequence[View]) -> None:
        """Remember a webhook's views in place of the oldest."""
        self._kept.pop(webhook, None)
        if len(views) > 1:
            self._kept[webhook] = (source, views)
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
