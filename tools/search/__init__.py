"""Lists and searches: filters, matching, scanning, cursors and the rows of a page."""
