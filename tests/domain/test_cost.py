"""What messages cost: by the operator's own prices, and never by a guess."""

from decimal import Decimal

import pytest

from domain.cost import Billed, Estimate, Part, Prices, estimated

DOLLARS = Prices("USD", {"utility": Decimal("0.02"), "service": Decimal("0.01")}, Decimal("0.005"), free_service=1000)


@pytest.mark.parametrize(
    ("billed", "messages", "before", "cost"),
    [
        ("", 500, 0, "0"),
        ("utility", 100, 0, "2.500"),
        ("marketing", 1, 0, None),
        ("waits", 3, 0, None),
        ("service", 1000, 0, "5.000"),  # the fee alone
        ("service", 1500, 0, "12.500"),
        ("service", 10, 995, "0.100"),
        ("service", 10, 2000, "0.150"),
        ("service", 0, 0, "0"),
    ],
)
def test_each_message_has_its_price_or_none_that_is_known(billed, messages, before, cost):
    found = DOLLARS.of(billed, messages, before=before)
    assert found == (None if cost is None else Decimal(cost))


def test_without_prices_nothing_costs_a_guess():
    assert Prices().of("utility", 1) is None
    assert Prices().of("", 1) == 0
    assert Prices("USD").of("utility", 1) is None


@pytest.mark.parametrize("prices", [Prices(), DOLLARS, Prices("IDR", {"marketing": Decimal(587)}, free_service=0)])
def test_prices_are_stored_and_found_again_to_the_last_digit(prices):
    assert Prices.from_json(prices.as_json()) == prices


def test_an_estimate_says_what_is_free_what_waits_and_what_nobody_knows():
    counts = [("telegram/main", "", 40), ("whatsapp/main", "utility", 10), ("whatsapp/main", "marketing", 5)]
    found = estimated([*counts, ("whatsapp/main", "waits", 3)], {"whatsapp/main": DOLLARS}, {})
    assert (found.messages, found.free, found.waiting, found.unknown) == (58, 40, 3, 8)
    assert (found.amount, found.currency) == (Decimal("0.25"), "USD")
    assert found.counted(Billed.UTILITY, Billed.MARKETING) == 15


def test_an_estimate_of_free_messages_names_no_amount():
    assert estimated([("telegram/main", "", 40)], {}, {}) == Estimate((Part("telegram/main", "", 40, Decimal(0)),))
    assert estimated([("telegram/main", "", 40)], {}, {}).amount is None
    assert Estimate().messages == 0


def test_two_currencies_are_not_added():
    rupiah = Prices("IDR", {"utility": Decimal(300)})
    found = estimated(
        [("whatsapp/a", "utility", 1), ("whatsapp/b", "utility", 1)], {"whatsapp/a": DOLLARS, "whatsapp/b": rupiah}, {}
    )
    assert (found.amount, found.currency) == (None, "")
