from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import region
from domain.packaged import rows
from domain.region import (
    NTB,
    Level,
    Region,
    UnknownRegion,
    districts,
    find_region,
    get_region,
    is_retired,
    regencies,
    search,
    search_regencies,
    villages,
)

MATARAM = districts("5271")
PRAYA = districts("5202")


def names(found: list[Region]) -> list[str]:
    return [region.name for region in found]


def test_the_country_and_ntb_are_complete():
    counted = Counter(region.level for region in region._regions().values())
    assert counted == {
        Level.PROVINCE: 38,
        Level.REGENCY: 514,
        Level.DISTRICT: 117,
        Level.VILLAGE: 1021,
        Level.URBAN_VILLAGE: 145,
    }


def test_every_region_lies_in_the_one_that_its_code_begins_with():
    for place in region._regions().values():
        if place.level is Level.PROVINCE:
            assert place.parent_code == ""
        else:
            assert place.code.startswith(get_region(place.parent_code).code)


def test_no_name_has_stray_spaces():
    assert [place for place in region._regions().values() if place.name != " ".join(place.name.split())] == []


def test_a_region_is_found_by_its_code():
    assert get_region("527101") == Region("527101", "Ampenan", Level.DISTRICT, "5271")
    assert find_region("52") == Region(NTB, "Nusa Tenggara Barat", Level.PROVINCE, "")


def test_an_unknown_code_is_none_or_an_error():
    assert find_region("5299") is None
    with pytest.raises(UnknownRegion) as refused:
        get_region("5299")
    assert refused.value.code == "5299"


def test_an_unknown_region_has_no_parts():
    for parts in (regencies, districts, villages):
        with pytest.raises(UnknownRegion):
            parts("99")


def test_an_error_never_shows_a_nik_that_was_taken_for_a_code():
    with pytest.raises(UnknownRegion) as refused:
        get_region("5271014505870002")
    assert "5271" not in str(refused.value) + repr(refused.value)


def test_the_parts_of_a_region_come_by_code():
    assert names(regencies(NTB)) == [
        "Kabupaten Lombok Barat",
        "Kabupaten Lombok Tengah",
        "Kabupaten Lombok Timur",
        "Kabupaten Sumbawa",
        "Kabupaten Dompu",
        "Kabupaten Bima",
        "Kabupaten Sumbawa Barat",
        "Kabupaten Lombok Utara",
        "Kota Mataram",
        "Kota Bima",
    ]
    assert names(MATARAM) == ["Ampenan", "Mataram", "Cakranegara", "Sekarbela", "Selaparang", "Sandubaya"]
    assert {village.level for village in villages("520101")} == {Level.VILLAGE, Level.URBAN_VILLAGE}


def test_districts_outside_ntb_are_not_on_record():
    assert districts("3501") == []


@pytest.mark.parametrize(
    "typed", ["Ampenan", "ampenan", " AMPENAN ", "kec. ampenan", "Kecamatan Ampenan", "kec.ampenan"]
)
def test_a_district_is_found_however_it_is_typed(typed):
    assert names(search(typed, MATARAM)) == ["Ampenan"]


@pytest.mark.parametrize("typed", ["cakra", "cakra negara", "cakranagara", "Cakranegra", "kec cakranegara"])
def test_a_beginning_or_a_slip_is_enough(typed):
    assert names(search(typed, MATARAM))[0] == "Cakranegara"


def test_the_exact_name_comes_before_those_that_begin_with_it():
    assert names(search("praya", PRAYA)) == ["Praya", "Praya Barat", "Praya Timur", "Praya Tengah", "Praya Barat Daya"]


@pytest.mark.parametrize("typed", ["hu'u", "huu", "Hu’u", "desa hu'u"])
def test_apostrophes_make_no_difference(typed):
    assert names(search(typed, villages("520503"))) == ["Hu'u"]


def test_a_name_that_begins_like_a_kind_of_region_keeps_its_words():
    assert names(search("desa beru", villages("520705")))[0] == "Desa Beru"
    assert names(search("kota raja", villages("520304")))[0] == "Kota Raja"


def test_the_kind_decides_between_city_and_regency():
    assert names(search_regencies("kota bima")) == ["Kota Bima", "Kabupaten Bima"]
    assert names(search_regencies("kab. bima")) == ["Kabupaten Bima", "Kota Bima"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lotim", "Kabupaten Lombok Timur"),
        ("KLU", "Kabupaten Lombok Utara"),
        ("mtaram", "Kota Mataram"),
        ("jakarta pusat", "Kota Administrasi Jakarta Pusat"),
        ("kota surabaya", "Kota Surabaya"),
        ("jalan pejanggik no 5 mataram", "Kota Mataram"),
    ],
)
def test_regencies_are_found_all_over_the_country(typed, meant):
    assert names(search_regencies(typed))[0] == meant


def test_where_a_name_is_found_those_that_resemble_it_stay_out():
    assert names(search_regencies("lombok timur")) == ["Kabupaten Lombok Timur"]


@pytest.mark.parametrize("typed", ["", "  ", "...", "zzz", "🙏", "\x00"])
def test_nothing_is_found_for_nothing(typed):
    assert search_regencies(typed) == []


def test_a_word_for_a_kind_of_region_is_a_name_only_where_names_begin_with_it():
    assert "Kabupaten Kotabaru" in names(search_regencies("kota"))
    assert search_regencies("kabupaten") == []


def test_only_the_beginning_of_an_endless_text_is_read():
    assert names(search("ampenan " + "x" * 100_000, MATARAM)) == ["Ampenan"]
    assert search("x" * 100_000 + " ampenan", MATARAM) == []


def test_accents_and_full_width_letters_make_no_difference():
    assert names(search("Ampénan", MATARAM)) == names(search("Ａｍｐｅｎａｎ", MATARAM)) == ["Ampenan"]


def test_a_search_answers_with_a_few():
    assert len(search("a", regencies(NTB) + PRAYA + MATARAM, limit=2)) <= 2
    assert len(search_regencies("s")) == 5


@given(st.text())
def test_any_text_can_be_searched(text):
    assert len(search(text, MATARAM)) <= 5


def test_every_region_finds_itself_first():
    for place in [*regencies(NTB), *MATARAM, *PRAYA]:
        assert search(place.name, [*regencies(NTB), *MATARAM, *PRAYA])[0] == place


def test_a_retired_prefix_is_not_on_record_and_names_a_regency_that_is():
    for row in rows("nik_prefixes_retired.csv"):
        assert find_region(row["prefix"]) is None
        assert get_region(row["now"]).level is Level.REGENCY
        assert is_retired(row["prefix"].ljust(6, "0"))


def test_codes_in_use_are_not_retired():
    assert [place.code for place in region._regions().values() if is_retired(place.code[:6])] == []
