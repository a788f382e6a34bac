"""CSV tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.tables import MAX_ROWS, TableError, read_csv

TABLE = {"Safety, basics": 101, "First Aid": 102}


@pytest.mark.parametrize(
    "text",
    [
        'product,course\n"Safety, basics",101\nFirst Aid,102\n',
        "product;course\nSafety, basics;101\nFirst Aid;102\n",
        "product\tcourse\nSafety, basics\t101\nFirst Aid\t102",
        '\ufeffproduct,course\r\n"Safety, basics",101\r\nFirst Aid,102\r\n',
        '\nproduct, course\n "Safety, basics", 101\n\n , \nFirst Aid , 102\n\n',
        '"the product, as sold";course\nSafety, basics;101\nFirst Aid;102\n',
    ],
    ids=["comma", "semicolon", "tab", "from Excel", "empty lines", "separator in a heading"],
)
def test_a_table_is_read_whatever_program_wrote_it(text: str) -> None:
    assert read_csv(text) == TABLE


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("101", 101),
        ("0", 0),
        ("-3", -3),
        ("007", "007"),
        ("1.5", "1.5"),
        ("1e3", "1e3"),
        ("true", "true"),
        ("9" * 16, "9" * 16),
        ("٣", "٣"),
        ("0196c1f2-aaaa-7bbb-8ccc-000000000001", "0196c1f2-aaaa-7bbb-8ccc-000000000001"),
    ],
)
def test_whole_numbers_become_numbers_and_all_else_stays_text(cell: str, value: object) -> None:
    found = read_csv(f"k,v\na,{cell}\n")["a"]

    assert (found, type(found)) == (value, type(value))


def test_a_cell_may_hold_several_lines() -> None:
    assert read_csv('k,v\n"a\nb",1\nc,2\n') == {"a\nb": 1, "c": 2}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the table is empty"),
        ("\n\n", 1, "the table is empty"),
        ("just words\na\n", 1, "two columns"),
        ("k,v\na,1\nb,2\na,3\n", 4, '"a" is listed twice (first in line 2)'),
        ("k,v\nFirst Aid,1\nfirst aid ,2\n", 3, "listed twice"),
        ('k,v\n"x\ny",1\nb,1\nb,2\n', 5, "listed twice (first in line 4)"),
        ("k,v\na,b,1\n", 2, "this row has 3 columns, the first row has 2"),
        ("k,v\na\n", 2, "this row has 1 columns"),
        ("k,v\na,\n", 2, "the value is empty"),
        ("k,v\n,1\n", 2, "the key is empty"),
        ('k,v\n"a,1\nb,2\n', 2, "the quotes do not fit"),
        ('k,v\n"a"b,1\n', 2, "the quotes do not fit"),
        ("k,v\nB\udce4r,1\n", 2, "not UTF-8"),
        ("k,v\na,\0\n", 2, "control character"),
        ("k,v\n" + "a" * 501 + ",1\n", 2, "longer than 500"),
        ("k,v\n" + "".join(f"{n},1\n" for n in range(MAX_ROWS + 1)), MAX_ROWS + 2, "10,000 rows"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(TableError) as refused:
        read_csv(text)

    assert refused.value.line == line
    assert message in refused.value.message


@given(st.text(alphabet='ab1,;\t"\n\r\x00 \ud800é', max_size=40))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        table = read_csv(text)
    except TableError:
        return
    assert all(key and value != "" for key, value in table.items())
