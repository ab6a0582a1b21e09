"""What it costs to start and to call, measured beside the least that it could cost."""
