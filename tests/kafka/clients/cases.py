"""Reads the cases of a file (see README.md)."""


def cases(path):
    case = None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            kind, *rest = line.rstrip("\n").split("\t")
            if kind == "C":
                if case:
                    yield case
                case = {"name": rest[0], "codec": rest[1], "mode": rest[2], "D": [], "E": []}
            else:
                case[kind].append(rest)
    if case:
        yield case
