"""The evaluation: runs a model in fresh orgs and judges it by their final state."""
