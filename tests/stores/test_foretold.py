"""Forecasts in a store of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bi_chat.stores.cryptography.sealing import Seal
from bi_chat.stores.sqlalchemy import open_store
from bi_chat.values.analyses import Forecast
from bi_chat.values.foretold import KeptForecast, KeptSeries
from bi_chat.values.period import Grain
from bi_chat.values.plan import FieldRef, In, Measured, Metric, Plan

PLAN = Plan(measures=(Measured(Metric("revenue")),), analysis=Forecast(Grain.MONTH, 2))
SERIES = KeptSeries("", (datetime(2025, 1, 1), datetime(2025, 2, 1)), (1.5, 2.5), ((1.0, 2.0), (2.0, 3.0)) * 2)
KEPT = KeptForecast(PLAN, datetime(2024, 12, 30, 9), (SERIES,))


def test_a_forecast_comes_back_as_it_was(store):
    store.foretold.add("ada", "shop", KEPT)
    assert store.foretold.of("ada", "shop", "") == (KEPT,)
    assert store.foretold.of("ada", "other", "") == ()


def test_another_s_forecast_and_one_under_other_rights_are_as_if_they_did_not_exist(store):
    store.foretold.add("ada", "shop", replace(KEPT, scope="all"))
    assert store.foretold.of("eve", "shop", "all") == ()
    assert store.foretold.of("ada", "shop", "some") == ()
    assert store.foretold.of("ada", "shop", "all") == (replace(KEPT, scope="all"),)


def test_the_same_history_is_foretold_once_and_the_first_word_counts(store):
    store.foretold.add("ada", "shop", KEPT)
    better = replace(KEPT, made_at=datetime(2025, 3, 1), series=(replace(SERIES, mean=(9.0, 9.0)),))
    store.foretold.add("ada", "shop", better)
    assert store.foretold.of("ada", "shop", "") == (KEPT,)
    later = replace(KEPT, series=(replace(SERIES, times=(datetime(2025, 2, 1), datetime(2025, 3, 1))),))
    store.foretold.add("ada", "shop", later)
    assert len(store.foretold.of("ada", "shop", "")) == 2


def test_who_is_forgotten_is_forgotten_with_their_forecasts(store):
    store.foretold.add("ada", "shop", KEPT)
    store.foretold.add("eve", "shop", KEPT)
    store.delete_owner("ada")
    assert store.foretold.of("ada", "shop", "") == ()
    assert store.foretold.of("eve", "shop", "") == (KEPT,)


def test_with_a_key_nothing_of_a_forecast_can_be_read_in_the_file(file):
    secret = replace(PLAN, where=(In(FieldRef("shops", "town"), ("Heidenheim",)),))
    store = open_store(f"sqlite:///{file}", Seal("a key that is long enough to be one"))
    store.foretold.add("ada", "shop", replace(KEPT, plan=secret))
    assert store.foretold.of("ada", "shop", "")[0].plan == secret
    store.close()
    written = b"".join(f.read_bytes() for f in file.parent.iterdir())
    assert b"Heidenheim" not in written
