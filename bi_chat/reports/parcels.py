"""In: a composed report and a delivery of it. Out: the parcel for its channel; each page is made once."""

from __future__ import annotations

from dataclasses import dataclass, field

from bi_chat.ports import Pictures
from bi_chat.reports.composed import Composed
from bi_chat.reports.pages.mail import as_body, as_text
from bi_chat.reports.rendering import rendered
from bi_chat.reports.report import Recipient, Report
from bi_chat.values.delivery import Delivery, delivery
from bi_chat.values.page import Page, Parcel


@dataclass(slots=True)
class Parcels:
    """For one composition."""

    report: Report
    composed: Composed
    pictures: Pictures | None
    _pages: dict[str, Page] = field(default_factory=dict)
    _body: tuple[str, tuple[Page, ...]] | None = None

    def parcel(self, one: Delivery) -> Parcel | None:
        """None where the file no longer names that address. Raises ReportError."""
        found = self._addressed(one)
        if found is None:
            return None
        recipient, address = found
        forms = recipient.formats or self.report.formats
        wanted = () if one.channel == "mail" and self.report.form == "short" else forms
        html, pictures = self._mail() if one.channel == "mail" else ("", ())
        return Parcel(
            key=one.key,
            report=one.report,
            subject=self.composed.title,
            address=address,
            due=one.due,
            text=as_text(self.composed),
            html=html,
            pictures=pictures,
            pages=tuple(self._page(f) for f in wanted),
            user=recipient.user,
            language=self.composed.language,
        )

    def _addressed(self, one: Delivery) -> tuple[Recipient, str] | None:
        """The recipient and the address that the delivery was entered for."""
        for recipient in self.report.recipients:
            for channel, address in recipient.addresses:
                made = delivery(
                    one.report,
                    one.due,
                    variant=one.variant,
                    recipient=recipient.user,
                    channel=channel,
                    address=address,
                )
                if made.key == one.key:
                    return recipient, address
        return None

    def _page(self, form: str) -> Page:
        if form not in self._pages:
            self._pages[form] = rendered(self.composed, form, self.pictures)
        return self._pages[form]

    def _mail(self) -> tuple[str, tuple[Page, ...]]:
        if self._body is None:
            self._body = as_body(self.composed, self.pictures)
        return self._body
