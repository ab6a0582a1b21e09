"""Text that other people wrote: how it is shown, quoted and compared, and how secrets are removed from it."""
