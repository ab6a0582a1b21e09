"""What people prove who they are with, beside their passwords."""
