"""The evaluation: a model at work in fresh orgs, judged by what became of them."""
