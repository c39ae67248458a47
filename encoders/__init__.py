"""From text to vector: what TAS-B is, and the code that runs it."""
