"""Contents that are no JSON object, and what an error says of each."""

BAD = {
    "nothing": (b"", r":1: not JSON \(Expecting value, column 1\)"),
    "cut short": (b'{\n  "a": 1', r":2: not JSON \(Expecting ',' delimiter"),
    "a string": (b'"a"', ": not a JSON object"),
    "null": (b"null", ": not a JSON object"),
    "an array": (b'[{"a": 1}]', ": not a JSON object"),
    "Latin-1": (b'{"a":\n "caf\xe9"}', r":2: not UTF-8 \(byte 0xe9\)"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), r":1: not UTF-8 \(byte 0xf"),
    "nested too deeply": (b'{"a": ' + b"[" * 100_000, ": JSON nested too deeply"),
    "a number too long": (b'{"a": ' + b"9" * 5000 + b"}", r": not JSON \(Exceeds the"),
}
