"""Migrations of older stores. Each step runs once, inside the transaction that sets the new version."""

from collections.abc import Callable

from sqlalchemy import Connection

Migration = Callable[[Connection], None]


def _to_2(connection: Connection) -> None:
    """More than one connection and more ways to sign in; a lease for each refresh; a key under the vault's key."""
    for column in (
        "method VARCHAR NOT NULL DEFAULT 'authorization_code'",
        "client_auth VARCHAR NOT NULL DEFAULT 'client_secret'",
        "dpop INTEGER NOT NULL DEFAULT 0",
        "roles VARCHAR",
        "token_ends_at FLOAT",
        "last_used FLOAT",
    ):
        connection.exec_driver_sql(f"ALTER TABLE connections ADD COLUMN {column}")
    # Secrets are sealed again when the vault's key is first available.
    connection.exec_driver_sql("ALTER TABLE vault_key ADD COLUMN wrapped BLOB")
    connection.exec_driver_sql(
        "CREATE TABLE leases (connection VARCHAR PRIMARY KEY, holder VARCHAR NOT NULL, until FLOAT NOT NULL)"
    )
    connection.exec_driver_sql("CREATE TABLE choices (name VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)")


def _to_3(connection: Connection) -> None:
    """The journal, and requests for changes. Tickets live for minutes, so those of the old form are dropped."""
    for statement in (
        "DROP TABLE tickets",
        "CREATE TABLE tickets (ticket VARCHAR PRIMARY KEY, seal VARCHAR NOT NULL, round INTEGER NOT NULL, "
        "expires_at FLOAT NOT NULL, about VARCHAR NOT NULL)",
        "CREATE TABLE requests (id VARCHAR PRIMARY KEY, expires_at FLOAT NOT NULL, about VARCHAR NOT NULL, "
        "call VARCHAR NOT NULL)",
        "CREATE TABLE journal (sequence INTEGER PRIMARY KEY, at FLOAT NOT NULL, kind VARCHAR NOT NULL, change INTEGER, "
        "caller VARCHAR NOT NULL, connection VARCHAR NOT NULL, action VARCHAR NOT NULL, targets VARCHAR NOT NULL, "
        "body VARCHAR NOT NULL, digest BLOB NOT NULL, details VARCHAR, mac BLOB NOT NULL)",
        "CREATE INDEX journal_by_change ON journal (change) WHERE change IS NOT NULL",
        "CREATE INDEX journal_by_caller ON journal (caller, at) WHERE kind = 'intent'",
        "CREATE TABLE journal_head (id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, mac BLOB NOT NULL, "
        "seal BLOB NOT NULL)",
    ):
        connection.exec_driver_sql(statement)


def _to_4(connection: Connection) -> None:
    _journal_format_2(connection)


def _journal_format_2(connection: Connection) -> None:
    """Entries of format 2 beside those of format 1, which stay as they were sealed.

    What format 2 has in columns of its own is copied out of the older entries, for searches. Questions live for
    minutes, so those of the old form are dropped.
    """
    for statement in (
        "ALTER TABLE journal ADD COLUMN format INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE journal ADD COLUMN number INTEGER",
        "ALTER TABLE journal ADD COLUMN org VARCHAR NOT NULL DEFAULT ''",
        "ALTER TABLE journal ADD COLUMN batch VARCHAR NOT NULL DEFAULT ''",
        "ALTER TABLE journal ADD COLUMN sealed BLOB",
        "UPDATE journal SET number = sequence WHERE kind = 'intent'",
        "UPDATE journal SET org = coalesce(json_extract(body, '$.org_url'), '') WHERE json_valid(body)",
        "CREATE INDEX journal_by_number ON journal (number) WHERE number IS NOT NULL",
        "DROP INDEX journal_by_caller",
        "ALTER TABLE journal_head ADD COLUMN changes INTEGER",
        "DROP TABLE tickets",
        "CREATE TABLE tickets (ticket VARCHAR PRIMARY KEY, seal VARCHAR NOT NULL, round INTEGER NOT NULL, "
        "asked_at FLOAT NOT NULL, expires_at FLOAT NOT NULL, caller VARCHAR NOT NULL, client VARCHAR NOT NULL, "
        "about BLOB NOT NULL)",
        "DROP TABLE requests",
        "CREATE TABLE requests (id VARCHAR PRIMARY KEY, expires_at FLOAT NOT NULL, caller VARCHAR NOT NULL, "
        "client VARCHAR NOT NULL, about BLOB NOT NULL, call BLOB NOT NULL)",
        "CREATE TABLE uses (bucket VARCHAR NOT NULL, boot VARCHAR NOT NULL, up FLOAT NOT NULL, at FLOAT NOT NULL)",
        "CREATE INDEX uses_by_bucket ON uses (bucket, at)",
    ):
        connection.exec_driver_sql(statement)


def _to_5(connection: Connection) -> None:
    """Lists of changes by target, action, time and connection no longer read the whole journal.

    A million entries take some 10 s: the rows are sorted before they are put in, so that each page is written once.
    """
    outcomes = "('done', 'failed', 'partly', 'unknown', 'settled')"
    # Targets are `kind:id`, separated by blanks, as JSON has them in a list; an id is what follows the last colon.
    id = "substr(value, 1 + length(rtrim(value, replace(value, ':', ''))))"
    each = """json_each('[' || replace(json_quote(NEW.targets), ' ', '","') || ']')"""
    for statement in (
        "CREATE INDEX journal_by_place ON journal (connection, org, number, at) WHERE number IS NOT NULL",
        "CREATE INDEX journal_by_action ON journal (connection, org, action, number, at) WHERE number IS NOT NULL",
        "CREATE INDEX journal_by_time ON journal (connection, org, at, number) WHERE number IS NOT NULL",
        "CREATE INDEX journal_by_event ON journal (connection, org, at) WHERE number IS NULL AND change IS NULL",
        "CREATE TABLE journal_targets (target VARCHAR NOT NULL, change INTEGER NOT NULL, action VARCHAR NOT NULL, "
        "PRIMARY KEY (target, change)) WITHOUT ROWID",
        # A damaged entry, whose targets are no text, has none: verifying shows it.
        """
        INSERT OR IGNORE INTO journal_targets SELECT ID, change, action FROM (
            SELECT targets, sequence AS change, action FROM journal WHERE kind = 'intent' UNION ALL
            SELECT one.targets, intent.sequence, intent.action
            FROM journal AS one JOIN journal AS intent ON intent.sequence = one.change
            WHERE intent.kind = 'intent' AND one.kind IN OUTCOMES AND one.targets <> intent.targets
        ) AS told, EACH WHERE value <> '' ORDER BY 1, 2
        """.replace("EACH", each.replace("NEW.targets", "iif(typeof(told.targets) = 'text', told.targets, '')")),
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
            WHERE intent.sequence = NEW.change AND intent.kind = 'intent' AND intent.targets <> NEW.targets
            AND value <> '';
        END
        """,
    ):
        made = statement.replace("ID,", f"{id},").replace("EACH", each).replace("OUTCOMES", outcomes)
        connection.exec_driver_sql(made)


def _to_6(connection: Connection) -> None:
    _exports(connection)


def _exports(connection: Connection) -> None:
    """What was exported, until it is read."""
    for statement in (
        "CREATE TABLE exports (id VARCHAR NOT NULL PRIMARY KEY, owner VARCHAR NOT NULL, connection VARCHAR NOT NULL, "
        "identity VARCHAR NOT NULL, made_at FLOAT NOT NULL, expires_at FLOAT NOT NULL, rows INTEGER NOT NULL, "
        "parts INTEGER NOT NULL, bytes INTEGER NOT NULL, about BLOB NOT NULL)",
        "CREATE TABLE export_parts (export VARCHAR NOT NULL, part INTEGER NOT NULL, sealed BLOB NOT NULL, "
        "PRIMARY KEY (export, part))",
    ):
        connection.exec_driver_sql(statement)


MIGRATIONS: tuple[Migration, ...] = (_to_2, _to_3, _to_4, _to_5, _to_6)
"""The first takes a store of version 1 to version 2, and so on; the last one to VERSION."""
