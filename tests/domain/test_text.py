from domain.text import plain, visible


def test_what_cannot_be_seen_is_left_out():
    assert visible("\ufeff Siti\u200b \u00a0\n Aminah\x00\ud83d\u3164\ufe0f ") == "Siti Aminah"


def test_digits_of_every_script_and_all_dashes_become_plain():
    assert plain("５２७１–٠١—४५−06") == "5271-01-45-06"


def test_what_only_looks_like_a_digit_stays():
    assert plain("10²½①") == "10²½①"
