"""The command line as ``python -m toolkit``."""

from toolkit.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main(prog_name="toolkit")
