"""The teachers that train with the student, or are trained: ColBERT and BERT_CAT."""
