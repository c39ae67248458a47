"""Kinds of Faiss indexes: what each is made of, its size, and which one to take."""
