"""What Okta's ids look like."""

import re

USER_ID = re.compile(r"00u[A-Za-z0-9]{17}")
GROUP_ID = re.compile(r"00g[A-Za-z0-9]{17}")
APPLICATION_ID = re.compile(r"0oa[A-Za-z0-9]{17}")
