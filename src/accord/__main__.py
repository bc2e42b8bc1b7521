"""`python -m accord` is `accord`."""

from accord.cli.main import main

if __name__ == "__main__":
    main()
