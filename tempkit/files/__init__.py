"""Reading and writing files safely: encodings, delimited text, YAML with line numbers, numbers as written, atomic writes."""
