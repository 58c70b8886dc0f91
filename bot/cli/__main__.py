"""`python -m bot.cli` is `jagalapak`."""

from bot.cli import main

main()
