"""The tables of the store, as the newest program has them."""

from sqlalchemy import DDL, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, event

metadata = MetaData()

connections = Table(
    "connections",
    metadata,
    Column("name", String, primary_key=True),
    Column("org_url", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("login", String),
    Column("person", String),
    Column("service_account", Integer, nullable=False),
    Column("scopes_requested", String, nullable=False),
    Column("scopes_granted", String, nullable=False),
    Column("connected_at", Float, nullable=False),
    Column("needs_sign_in", String),
    Column("method", String, nullable=False, server_default="authorization_code"),
    Column("client_auth", String, nullable=False, server_default="client_secret"),
    Column("dpop", Integer, nullable=False, server_default="0"),
    Column("roles", String),
    Column("token_ends_at", Float),
    Column("last_used", Float),
)
leases = Table(
    "leases",
    metadata,
    Column("connection", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", Float, nullable=False),
)
secrets = Table(
    "secrets",
    metadata,
    Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
vault_key = Table(
    "vault_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary),
)
tickets = Table(
    "tickets",
    metadata,
    Column("ticket", String, primary_key=True),
    Column("seal", String, nullable=False),
    Column("round", Integer, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("caller", String, nullable=False),
    Column("client", String, nullable=False),
    Column("about", LargeBinary, nullable=False),
)
requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    Column("expires_at", Float, nullable=False),
    Column("caller", String, nullable=False),
    Column("client", String, nullable=False),
    Column("about", LargeBinary, nullable=False),
    Column("call", LargeBinary, nullable=False),
)
uses = Table(
    "uses",
    metadata,
    Column("bucket", String, nullable=False),
    Column("boot", String, nullable=False),
    Column("up", Float, nullable=False),
    Column("at", Float, nullable=False),
)
Index("uses_by_bucket", uses.c.bucket, uses.c.at)
journal = Table(
    "journal",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("kind", String, nullable=False),
    Column("change", Integer),
    Column("caller", String, nullable=False),
    Column("connection", String, nullable=False),
    Column("action", String, nullable=False),
    Column("targets", String, nullable=False),
    Column("body", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("details", String),
    Column("mac", LargeBinary, nullable=False),
    Column("format", Integer, nullable=False, server_default="1"),
    Column("number", Integer),
    Column("org", String, nullable=False, server_default=""),
    Column("batch", String, nullable=False, server_default=""),
    Column("sealed", LargeBinary),
)
Index("journal_by_change", journal.c.change, sqlite_where=journal.c.change.is_not(None))
Index("journal_by_number", journal.c.number, sqlite_where=journal.c.number.is_not(None))
# Lists of changes are read by these. Each also has what the list is ordered and cut by.
_CHANGES = journal.c.number.is_not(None)
_PLACE = (journal.c.connection, journal.c.org)
Index("journal_by_place", *_PLACE, journal.c.number, journal.c.at, sqlite_where=_CHANGES)
Index("journal_by_action", *_PLACE, journal.c.action, journal.c.number, journal.c.at, sqlite_where=_CHANGES)
Index("journal_by_time", *_PLACE, journal.c.at, journal.c.number, sqlite_where=_CHANGES)
# What happened to a connection apart from changes: the first is that it was connected.
Index("journal_by_event", *_PLACE, journal.c.at, sqlite_where=journal.c.number.is_(None) & journal.c.change.is_(None))
journal_targets = Table(
    "journal_targets",
    metadata,
    Column("target", String, primary_key=True),
    Column("change", Integer, primary_key=True),
    Column("action", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Which changes are about an object, by its id: an index of the journal. `change` is the sequence of the intent."""

_OUTCOMES = "('done', 'failed', 'partly', 'unknown', 'settled')"
# Targets are `kind:id`, separated by blanks, as JSON has them in a list; an id is what follows the last colon.
_ID = "substr(value, 1 + length(rtrim(value, replace(value, ':', ''))))"
_EACH = """json_each('[' || replace(json_quote(NEW.targets), ' ', '","') || ']')"""
_TRIGGERS = (
    """
    CREATE TRIGGER journal_begun AFTER INSERT ON journal WHEN NEW.kind = 'intent' BEGIN
        INSERT OR IGNORE INTO journal_targets
        SELECT ID, NEW.sequence, NEW.action FROM EACH WHERE value <> '';
    END
    """,
    """
    CREATE TRIGGER journal_ended AFTER INSERT ON journal WHEN NEW.kind IN OUTCOMES BEGIN
        INSERT OR IGNORE INTO journal_targets
        SELECT ID, intent.sequence, intent.action FROM journal AS intent, EACH
        WHERE intent.sequence = NEW.change AND intent.kind = 'intent' AND intent.targets <> NEW.targets AND value <> '';
    END
    """,
)
"""What fills the index, whichever program writes: one of an earlier version may still be running.

An outcome also names what was created.
"""
for trigger in _TRIGGERS:
    made = trigger.replace("ID,", f"{_ID},").replace("EACH", _EACH).replace("OUTCOMES", _OUTCOMES)
    event.listen(journal_targets, "after_create", DDL(made))  # type: ignore[no-untyped-call]
journal_head = Table(
    "journal_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Column("changes", Integer),
)
choices = Table(
    "choices",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
exports = Table(
    "exports",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("connection", String, nullable=False),
    Column("identity", String, nullable=False),
    Column("made_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("about", LargeBinary, nullable=False),
)
"""`owner` is who made it; `connection` and `identity` are through what it was read."""
export_parts = Table(
    "export_parts",
    metadata,
    Column("export", String, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)
