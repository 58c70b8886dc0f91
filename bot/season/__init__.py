"""A season of the fictional association: from autumn 2026, through the change of rates, into January 2027.

Some forty members, four collectors, a treasurer and two officers; every way to pay and all that can come of it. It
is written by the very statements with which the bot writes, on a clock that is moved, and chance falls the same way
every time. `story` tells what happens, day by day; the other modules hold what people do in it.
"""

from bot.season.season import Season
from bot.season.story import BEGINNING, play

__all__ = ["BEGINNING", "Season", "play"]
