"""The tables of the store, as the newest program has them."""

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
    Column("expires_at", Float, nullable=False),
)
choices = Table(
    "choices",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
