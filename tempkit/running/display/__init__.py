"""Show how far a run is: a live table on a terminal, plain lines on a pipe."""
