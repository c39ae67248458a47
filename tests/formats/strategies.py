"""What hypothesis draws for the readers and writers."""

from hypothesis import strategies as st

# No white space or control characters; no byte order mark at the start, which a reader
# removes from the start of a file.
ids = st.text(
    st.characters(codec="utf-8", exclude_categories=["Zs", "Zl", "Zp", "Cc"]),
    min_size=1,
    max_size=12,
).filter(lambda name: not name.startswith("\ufeff"))

# Everything that stands on one line of a TSV file; a line's end may not be told from
# a carriage return before it.
line_texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\t\n\r"), min_size=1
).filter(lambda text: not text.isspace())

texts = st.text(st.characters(codec="utf-8"), min_size=1).filter(
    lambda text: not text.isspace()
)

single_floats = st.floats(allow_nan=False, allow_infinity=False, width=32)

runs = st.dictionaries(
    ids, st.dictionaries(ids, single_floats, min_size=1, max_size=8), max_size=4
)

# Bytes of any kind, and lines that look nearly right.
garbage = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(
        st.sampled_from(
            [*'{}[]":,\t \n\r01aé_\\ud8', "id", "text", "nan", *"\0\ufeff\u2028\x85٣"]
        )
    )
    .map("".join)
    .map(str.encode),
)
