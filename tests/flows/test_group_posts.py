"""The summary for group chats: after the daily run of the present day, once, and nothing of another day."""

from dataclasses import replace
from datetime import date

import pytest

from config.settings import Settings
from flows.daily import run_daily
from flows.deliver import run_deliver
from flows.house import House
from tests.factories import at
from tests.local_server import listening
from tests.notifications.group_chat import chatting
from tests.notifications.test_apprise import Chats
from tests.world import World

DAY = date(2025, 9, 3)


def test_summary_when_the_day_is_run_is_posted_once(house: House, town: World):
    town.measure("1-01", due=date(2025, 8, 29))
    with chatting() as chats:
        settings = Settings(home=house.home, wecom_robot_url=chats.address("wecom"))
        house = replace(house, settings=settings, clock=lambda _: at(DAY))
        run_daily(house, at(date(2025, 9, 2)))
        assert chats.taken == []
        run_daily(house, at(DAY))
        run_daily(house, at(DAY), again=True)
        run_deliver(house, at(DAY, hour=10))
        assert [channel for channel, _ in chats.taken] == ["wecom"]


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # of a library that Apprise looks for
def test_summary_when_other_services_are_named_goes_there_too(house: House, town: World):
    town.measure("1-01", due=date(2025, 8, 29))
    with listening(Chats()) as chats:
        settings = Settings(home=house.home, apprise_urls=f"{chats.address('one')} {chats.address('two')}")
        house = replace(house, settings=settings, clock=lambda _: at(DAY))
        run_daily(house, at(DAY))
        run_deliver(house, at(DAY, hour=10))
    assert [path for path, _ in chats.taken] == ["one", "two"]
