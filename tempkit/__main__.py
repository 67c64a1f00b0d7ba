"""`python -m tempkit`."""

from tempkit.cli import main

main()
