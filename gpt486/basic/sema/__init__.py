"""Names, types and meaning: from the syntax tree to the typed program."""
