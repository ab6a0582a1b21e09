"""Where things are in the Okta Admin Console, for texts that send people there."""

CONSOLE = "in the Okta Admin Console"
PERSON = f"{CONSOLE}: Directory, People, the person"
