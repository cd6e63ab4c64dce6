# SPDX-License-Identifier: GPL-3.0-or-later
"""The table: sections of rows in plain text, printed as they are measured; the same as JSON."""
import json
import statistics


class Report:
    def __init__(self):
        self.sections = []
        self.widths = []

    def section(self, title, *columns):
        """Begins a section; a column is (head, width), its text
        on the left where that is negative."""
        self.sections.append({"title": title, "columns": [c for c, _ in columns], "rows": [],
                              "notes": []})
        self.widths = [w for _, w in columns]
        print("\n%s\n%s" % (title, "-" * len(title)))
        if columns:
            self.show([c for c, _ in columns])

    def show(self, cells):
        text = "".join("%*s" % (w, c) for w, c in zip(self.widths, cells))
        print(text.rstrip(), flush=True)

    def row(self, *cells):
        cells = [str(c) for c in cells]
        self.sections[-1]["rows"].append(cells)
        if len(cells) < len(self.widths): # the last cell is a sentence
            print(("%*s" % (self.widths[0], cells[0]) + " ".join(cells[1:])).rstrip(), flush=True)
        else:
            self.show(cells)

    def note(self, text):
        self.sections[-1]["notes"].append(text)
        print("  " + text, flush=True)

    def save(self, path):
        with open(path, "w") as f:
            json.dump(self.sections, f, indent=1)
            f.write("\n")

    def verdicts(self):
        """How often each verdict was given, in the order of their rows."""
        counts = {"ok": 0, "short": 0}
        short = []
        for section in self.sections:
            for row in section["rows"]:
                for cell in row:
                    if cell in counts:
                        counts[cell] += 1
                    if cell == "short":
                        short.append("%s: %s" % (section["title"].split(":")[0], row[0]))
        return counts, short


def number(x, digits=3):
    """A number with so many digits that count; '-' is what was not measured."""
    if x is None:
        return "-"
    if x == 0 or abs(x) >= 10 ** digits:
        return "%.0f" % x
    whole = len("%d" % abs(x)) if abs(x) >= 1 else 0
    return "%.*f" % (max(0, digits - max(whole, 1)), x)


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def verdict(x, goal, at_most=False):
    if x is None or goal is None:
        return "-"
    return "ok" if (x <= goal if at_most else x >= goal) else "short"
