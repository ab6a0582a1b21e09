"""The toolset `lifecycle`: letting people in and out, for good or for a while."""

from tools.lifecycle.activating import activate_user, resend_activation
from tools.lifecycle.deactivating import deactivate_user
from tools.lifecycle.suspending import suspend_user, unsuspend_user
from tools.lifecycle.unlocking import unlock_user

__all__ = ["activate_user", "deactivate_user", "resend_activation", "suspend_user", "unlock_user", "unsuspend_user"]
