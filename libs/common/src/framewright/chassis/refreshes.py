"""Wishes that a server looks at a folder, joined with those that wait for the same place already."""

from datetime import datetime

from framewright.chassis.outgoing import Joined, Later
from framewright.contracts.publish import RefreshWantedV1
from framewright.contracts.refreshing import refresh_due
from framewright.contracts.settings import Refresh


def joined_refresh(message: RefreshWantedV1, settings: Refresh, now: datetime) -> Joined[RefreshWantedV1]:
    """The wish, to be made one with what waits for the same place; due when the quiet time or the longest wait is over."""

    def merge(waiting: RefreshWantedV1 | None) -> Later:
        wanted = message.united(waiting) if waiting else message
        return Later(wanted, refresh_due(wanted.first_at, settings, now), first=wanted.first_at)

    return Joined(message, merge)
