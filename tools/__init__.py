"""The actions: each one pydantic models plus one async function. Imports nothing of `server`."""
