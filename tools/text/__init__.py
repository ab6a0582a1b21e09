"""Text that other people wrote: how it is shown, quoted and compared, and which secrets are taken out of it."""
