"""The applications of the org, who has them, and which groups give them."""
