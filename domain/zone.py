"""Indonesia's three times: which one somebody lives in, by the province of her regency (Keppres 41/1987)."""

from zoneinfo import ZoneInfo

WIB, WITA, WIT = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))  # UTC+7, +8, +9; no summer
_WITA = frozenset(["51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"])  # Bali to Sulawesi
_WIT = frozenset(["81", "82", "91", "92", "93", "94", "95", "96"])  # Maluku and Papua


def zone_of(regency: str) -> ZoneInfo | None:
    """The time zone of a regency's code, or of any code that begins with its province; None without one."""
    province = regency[:2]
    if len(province) < 2 or not province.isdecimal():
        return None
    return WITA if province in _WITA else WIT if province in _WIT else WIB


def provinces_of(zone: ZoneInfo) -> frozenset[str]:
    """The provinces that are known to lie in that zone; of WIB none are named: it is all the others."""
    return {WITA: _WITA, WIT: _WIT}.get(zone, frozenset())
