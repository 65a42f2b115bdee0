"""The words: tables of people, animals, things, places, foods, machines and crafts, as plain text."""


def words(text: str) -> tuple[str, ...]:
    """The entries of a comma separated list."""
    return tuple(entry.strip() for entry in text.replace("\n", " ").split(",") if entry.strip())


def phrases(text: str) -> tuple[str, ...]:
    """The entries of a list separated by semicolons."""
    return tuple(entry.strip() for entry in text.replace("\n", " ").split(";") if entry.strip())


def lines(text: str) -> tuple[str, ...]:
    """The lines that are not empty."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def rows(text: str, columns: int) -> list[tuple[str, ...]]:
    """A table: a row per line, cells separated by `|`."""
    table = []
    for line in lines(text):
        cells = tuple(cell.strip() for cell in line.split("|"))
        if len(cells) != columns:
            raise ValueError(f"{len(cells)} cells instead of {columns}: {line}")
        table.append(cells)
    return table
