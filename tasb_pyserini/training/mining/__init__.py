"""From hits and judgments, or from somebody's triples, to training triples by id."""
