"""The tables of the store."""

from sqlalchemy import Column, Float, Integer, LargeBinary, MetaData, String, Table

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
)
tickets = Table(
    "tickets",
    metadata,
    Column("ticket", String, primary_key=True),
    Column("seal", String, nullable=False),
    Column("round", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
)
