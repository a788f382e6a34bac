"""Any value that JSON can bring, for property tests."""

from hypothesis import strategies as st

tricky = st.sampled_from(
    ["", " ", "won", "Won ", "5", "5.0", "05", "-0", "1e3", "true", "TRUE", "inf", "nan", "\ud800",
     "2026-04-15", "2026-13-45T99:99:99Z", "9999-12-31T23:59:59-23:59", "1713175200000",
     "${ deal.id }", "$${", "{{ 7*7 }}", "__class__", "\x00", "İ", "ß", "9" * 5_000,
     True, False, None, 0, 1, -1, 5, 5.0, 0.1, 1e22, 1e308, float("inf"), 10**400, -(10**30)]
)  # fmt: skip
singles = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), tricky
)
names = st.one_of(st.sampled_from(["a", "b", "id", "item", "name"]), st.text(max_size=5))
json_values = st.recursive(
    singles,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(names, inner, max_size=5)),
    max_leaves=12,
)
