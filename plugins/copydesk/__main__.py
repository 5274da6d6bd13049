"""`python -m copydesk` is the `copydesk` command."""

from .cli import main

if __name__ == "__main__":
    main()
