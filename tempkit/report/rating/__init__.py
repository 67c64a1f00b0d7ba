"""What people rate, and what they said: the page of pairs, and a report's section on the raters."""
