"""Documents searched by their passages: split before indexing, ranked after search."""
