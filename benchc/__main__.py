"""`python -m benchc`, the same as the command `benchc`."""

from benchc.cli.main import main

if __name__ == "__main__":
    main()
