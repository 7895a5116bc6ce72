"""In: a report, the moment up to which its due moments are known, and now. Out: what is due, and what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from bi_chat.reports.report import Report
from bi_chat.values.delivery import Delivery, Stand, delivery

MOST = 500  # moments that are entered at once: a year of quarter hours needs no line for each


def due_deliveries(report: Report, after: datetime, now: datetime) -> tuple[Delivery, ...]:
    """A delivery for each moment, variant, recipient and address; those that the file lets pass are SKIPPED."""
    if report.schedule is None:
        return ()
    moments = list(report.schedule.cron.between(after, now, report.schedule.zone))[-MOST:]
    sent = set(_wanted(report, moments, now))
    return tuple(
        made
        for moment in moments
        for made in deliveries_at(report, moment, Stand.DUE if moment in sent else Stand.SKIPPED)
    )


def _wanted(report: Report, moments: list[datetime], now: datetime) -> list[datetime]:
    assert report.schedule is not None
    if report.schedule.missed == "all":
        return moments
    if report.schedule.missed == "skip":
        return [m for m in moments if now - m <= timedelta(hours=report.schedule.late)][-1:]
    return moments[-1:]


def deliveries_at(report: Report, moment: datetime, stand: Stand = Stand.DUE) -> tuple[Delivery, ...]:
    """All that a report sends at one moment."""
    return tuple(
        delivery(
            report.id,
            moment,
            variant=variant_name(variant),
            recipient=recipient.user,
            channel=channel,
            address=address,
            stand=stand,
        )
        for variant in report.variants
        for recipient in report.recipients
        for channel, address in recipient.addresses
    )


def variant_name(variant: tuple[tuple[str, str], ...]) -> str:
    """The values of the parameters in words."""
    return ", ".join(f"{name}={value}" for name, value in variant)
