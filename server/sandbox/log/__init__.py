"""The System Log: an event for everything that happens, and the API to read it."""

from server.sandbox.log.events import BY_FACTOR, OKTA_SYSTEM, Target, record
from server.sandbox.log.searching import list_events
from server.sandbox.log.tables import LATER, TABLES, prepare

__all__ = ["BY_FACTOR", "LATER", "OKTA_SYSTEM", "TABLES", "Target", "list_events", "prepare", "record"]
