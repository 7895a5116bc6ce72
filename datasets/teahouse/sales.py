"""In: a source of chance. Out: shoppers, purchases, their lines and refunds, one day after another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import accumulate

from datasets.chance import Chance
from datasets.parquet import cents
from datasets.teahouse import events
from datasets.teahouse.assortment import (
    ARTICLE,
    ARTICLES,
    CAMPAIGNS,
    FIRST_DAY,
    LAST_DAY,
    NATIONS,
    SHOPS,
    Campaign,
    Nation,
)
from datasets.teahouse.books import GIVEN, Books, Line, Purchase, Refund, Shopper

PER_DAY = 14.4
CAUSES = ("Damaged on arrival", "Taste or smell", "Wrong article", "Came too late", "Did not suit")


class Till:
    """Sells day by day and writes the books."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.books = Books()
        self._known: dict[str, list[Shopper]] = {n.code: [] for n in NATIONS}
        for nation in NATIONS:
            for _ in range(int(230 * nation.share) + 4):
                self._join(nation, date(2022, 1, 1) + timedelta(days=self.chance.integer(0, 360)))

    def sell_all(self) -> Books:
        """Every day from the first to the last."""
        day = FIRST_DAY
        while day <= LAST_DAY:
            for nation in NATIONS:
                self._sell_day(day, nation)
            if day == events.CORPORATE_DAY:
                self._corporate(day)
            day += timedelta(days=1)
        for _ in range(170):  # signed up, never bought
            nation = self.chance.weighted(NATIONS, [n.share for n in NATIONS])
            self._join(nation, FIRST_DAY + timedelta(days=self.chance.integer(0, 1015)))
        return self.books

    def _sell_day(self, day: date, nation: Nation) -> None:
        counter, screen = events.shaken(day, nation, *events.expected_purchases(day, nation, PER_DAY))
        noise = max(0.4, self.chance.normal(1.0, 0.10))
        sums = list(accumulate(events.appeal(a, day, nation.code) for a in ARTICLES))
        for _ in range(self.chance.poisson(counter * noise)):
            self._sell(day, nation, sums, counter=True)
        for _ in range(self.chance.poisson(screen * noise)):
            self._sell(day, nation, sums, counter=False)

    def _sell(self, day: date, nation: Nation, sums: list[float], *, counter: bool) -> None:
        shopper = None if counter and self.chance.happens(0.34) else self._shopper(day, nation)
        shop = self._shop(day, nation) if counter else None
        delivery = nation.code
        if not counter and self.chance.happens(0.07):
            delivery = self.chance.weighted([n.code for n in NATIONS], [n.share for n in NATIONS])
        via = "Counter" if counter else self._screen(nation)
        placed = datetime(day.year, day.month, day.day, self._hour(counter=counter), self.chance.integer(0, 59))
        if day == events.OUTAGE_DAY and not counter and placed.hour >= events.OUTAGE_HOUR:
            placed = placed.replace(hour=self.chance.integer(0, events.OUTAGE_HOUR - 1))
        campaign = next((c for c in CAMPAIGNS if events.runs(c, day, nation.code)), None)
        purchase = Purchase(
            50001 + len(self.books.purchases),
            shopper.code if shopper else None,
            shop,
            via,
            placed,
            nation.code,
            delivery,
            self._paid(nation),
            campaign.code if campaign and self.chance.happens(0.72) else None,
            None if counter else self._delivered(day, nation.code, delivery),
        )
        self.books.purchases.append(purchase)
        chosen: list[int] = []
        for _ in range(1 + self.chance.poisson(1.08)):
            article = self.chance.cumulative(ARTICLES, sums).number
            if article not in chosen:
                chosen.append(article)
                packs = self.chance.weighted((1, 2, 3, 4, 6), (66, 22, 6, 4, 2))
                if shopper and shopper.kind == "Company":
                    packs *= 3
                self._line(purchase, len(chosen), article, packs, campaign if purchase.campaign else None)

    def _line(self, purchase: Purchase, position: int, number: int, packs: int, campaign: Campaign | None) -> None:
        article, day = ARTICLE[number], purchase.placed.date()
        price = cents(events.shelf_price(article, day))
        off = (
            campaign.rebate
            if campaign and campaign.group in (None, article.group)
            else 5
            if self.chance.happens(0.06)
            else 0
        )
        rebate = (price * packs * off + 50) // 100
        cost = cents(article.buying * (1 + 0.02 * (day.year - 2023))) * packs
        line = Line(purchase.number, position, number, packs, price, rebate, price * packs - rebate, cost)
        self.books.lines.append(line)
        self._refund(purchase, line)

    def _refund(self, purchase: Purchase, line: Line) -> None:
        day, bad = purchase.placed.date(), False
        weights = [3.0, 2.0, 2.5, 1.5, 3.0] if purchase.shop is None else [1.0, 2.0, 0.5, 0.0, 2.5]
        chance = 0.016 if purchase.shop is None else 0.007
        if line.article == events.BATCH_ARTICLE and events.within(day, events.BATCH):
            chance, weights, bad = 0.6, [0.3, 12.0, 0.2, 0.2, 0.2], True
        if not self.chance.happens(chance):
            return
        when = day + timedelta(days=self.chance.integer(4, 24))
        packs = line.packs if bad or self.chance.happens(0.7) else self.chance.integer(1, line.packs)
        cause = self.chance.weighted(CAUSES, weights) if self.chance.happens(0.95) else None
        if when <= LAST_DAY:
            self.books.refunds.append(
                Refund(purchase.number, line.article, when, packs, line.net * packs // line.packs, cause)
            )

    def _corporate(self, day: date) -> None:
        firm = Shopper("S90001", "Aldermoor Partners", "Company", "NL", date(2023, 11, 20), None, False, 1)
        self.books.shoppers.append(firm)
        placed = datetime(day.year, day.month, day.day, events.CORPORATE_HOUR, 42)
        purchase = Purchase(
            50001 + len(self.books.purchases),
            firm.code,
            None,
            "Telephone",
            placed,
            "NL",
            "DE",
            "Invoice",
            None,
            date(2023, 12, 4),
        )
        self.books.purchases.append(purchase)
        for position, (article, packs) in enumerate(events.CORPORATE_LINES, 1):
            self._line(purchase, position, article, packs, None)

    def _join(self, nation: Nation, joined: date) -> Shopper:
        number = sum(len(k) for k in self._known.values()) + 1
        company = self.chance.happens(0.018)
        initial = "" if nation.code == "CN" else f" {self.chance.pick('ABCDEFGHJKLMNOPRSTVWZ')}."
        name = f"Firm {number:05d}" if company else f"{self.chance.pick(GIVEN[nation.code])}{initial}"
        born: int | None = min(2006, max(1938, int(self.chance.normal(1981, 14))))
        if company or self.chance.happens(0.22):
            born = None
        elif self.chance.happens(0.006):
            born = 1900  # what the form stores when the year is skipped
        kind = "Company" if company else "Private"
        shopper = Shopper(f"S{number:05d}", name, kind, nation.code, joined, born, self.chance.happens(0.46))
        self._known[nation.code].append(shopper)
        self.books.shoppers.append(shopper)
        return shopper

    def _shopper(self, day: date, nation: Nation) -> Shopper:
        known = self._known[nation.code]
        new = self.chance.happens(0.175)
        # the loyal ones stand at the front of the list: a power of the uniform draw prefers them
        shopper = self._join(nation, day) if new else known[int(len(known) * self.chance.uniform() ** 1.6)]
        shopper.bought += 1
        return shopper

    def _shop(self, day: date, nation: Nation) -> str:
        open_now = [s for s in SHOPS if s.nation == nation.code and s.opened <= day]
        return self.chance.weighted([s.code for s in open_now], [s.weight for s in open_now])

    def _screen(self, nation: Nation) -> str:
        if nation.code == "CN":
            return self.chance.weighted(("Mini-program", "Web shop"), (72, 28))
        return self.chance.weighted(("Web shop", "Telephone"), (95, 5))

    def _hour(self, *, counter: bool) -> int:
        if counter:
            return min(18, max(9, int(self.chance.normal(13.6, 2.4))))
        return int(self.chance.normal(19.5, 3.2)) % 24 if self.chance.happens(0.62) else self.chance.integer(6, 13)

    def _paid(self, nation: Nation) -> str | None:
        if self.chance.happens(0.011):
            return None
        if self.chance.happens(0.008):
            return self.chance.pick(("card", " Card", "CARD"))  # typed by hand at the till
        if nation.code == "CN":
            return self.chance.weighted(("Mobile wallet", "Card"), (91, 9))
        return self.chance.weighted(("Card", "Mobile wallet", "Invoice", "Gift voucher"), (62, 26, 8, 4))

    def _delivered(self, day: date, billing: str, delivery: str) -> date | None:
        days = self.chance.integer(1, 3) if delivery == "CN" else self.chance.integer(2, 5)
        days += self.chance.integer(3, 7) if billing != delivery else 0
        days += self.chance.integer(4, 9) if self.chance.happens(0.05) else 0
        if self.chance.happens(0.0015):
            return day - timedelta(days=1)  # a slip of the carrier's clock
        arrived = day + timedelta(days=days)
        return None if arrived > LAST_DAY or self.chance.happens(0.006) else arrived
