"""The command by itself: `python -m attntopo.runs KIND SOURCE --out ADDRESS`."""

from attntopo.runs.command import main

if __name__ == "__main__":
    main()
