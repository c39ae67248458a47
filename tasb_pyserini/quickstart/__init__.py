"""A first search: a collection and questions that every Python brings along."""
