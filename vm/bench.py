#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Makes of the lines that swaptbl_bench.ko printed a table for people, on standard output,
a CSV file for machines, and a chart of the ratios. Times are medians; spread is how far
the middle half of the rounds is apart. The log of a run in which a nanosecond was an
instruction adds those.
"""
import argparse

MARK = 'swaptbl_bench: '

# Most that the ratio of an operation is meant to be, by name, order, threads, occupancy.
TARGETS = {
    ('alloc', 0, 1, 0): 0.7,
    ('alloc', 4, 1, 0): 0.7,
    ('dup_folio', 0, 1, 0): 0.6,
    ('dup_folio', 9, 1, 0): 1.0,
    ('put_folio', 0, 1, 0): 0.6,
    ('put_folio', 4, 1, 0): 0.4,
    ('dup', 0, 1, 0): 0.5,
    ('put', 0, 1, 0): 0.3,
    ('dup_512', 9, 1, 0): 0.2,
    ('count', 0, 1, 0): 0.3,
    ('lookup', 0, 1, 0): 0.8,
    ('delete', 0, 1, 0): 0.7,
    ('free', 0, 1, 0): 0.7,
    ('dup+put at border', 0, 1, 0): 0.15,
    ('dup+put deep', 0, 1, 0): 0.8,
    ('dup+put one cluster', 0, 2, 0): 0.5,
    ('alloc', 0, 1, 90): 0.3,
    ('alloc', 0, 1, 99): 0.3,
    ('memory populated (bytes)', 0, 1, 0): 0.83,
    ('memory overflow (bytes)', 0, 1, 0): 0.1,
}


def read(path):
    rows, other = [], []
    with open(path, errors='replace') as log:
        for line in log:
            if MARK not in line:
                continue
            text = line.split(MARK, 1)[1].strip()
            if text.startswith('row '):
                rows.append(Row(text[4:].split(',')))
            elif text not in other:
                other.append(text)
    return rows, other


class Row:
    """One operation: what it is, and median, least and spread of both engines."""

    def __init__(self, fields):
        self.what = (fields[0], *map(int, fields[1:4]))
        self.insns = None
        self.own, self.own_least, self.own_spread = map(self.value, fields[4:7])
        self.kernel, self.kernel_least, self.kernel_spread = map(self.value, fields[7:10])

    def value(self, text):
        """As the module counts: times in picoseconds, bytes in millionths."""
        if text == '-':
            return None
        return int(text) / (1000000 if self.name.endswith('(bytes)') else 1000)

    @property
    def name(self):
        return self.what[0]

    @property
    def ratio(self):
        if self.own is None or not self.kernel:
            return None
        return self.own / self.kernel

    @property
    def target(self):
        return TARGETS.get(self.what)

    @property
    def verdict(self):
        if self.target is None or self.ratio is None:
            return ''
        return 'met' if self.ratio <= self.target else 'missed'

    def text(self, value):
        """One of the values; small ones are of bytes."""
        return number(value, '.3f' if self.name.endswith('(bytes)') else '.1f')

    def label(self):
        name, order, threads, occupancy = self.what
        parts = [name]
        if order:
            parts.append(f'order {order}')
        if threads != 1:
            parts.append(f'{threads} threads')
        if occupancy:
            parts.append(f'{occupancy} % full')
        return ', '.join(parts)


def number(value, form='.1f'):
    return '-' if value is None else format(value, form)


def write_csv(path, rows, header, unit):
    with open(path, 'w') as out:
        for line in header:
            print(f'# {line}', file=out)
        print(f'operation,order,threads,occupancy,swaptbl_{unit},kernel_{unit},ratio',
              file=out)
        for row in rows:
            print(*row.what, row.text(row.own), row.text(row.kernel),
                  number(row.ratio, '.3f'), sep=',', file=out)


def table(rows):
    """Lines of cells: what each engine took, against each other and against the target."""
    cells = [('operation', 'swaptbl', 'least', 'spread', 'kernel', 'least', 'spread',
              'ratio', 'target', '', 'swaptbl_insns', 'kernel_insns')]
    for row in rows:
        own, kernel = (row.insns.own, row.insns.kernel) if row.insns else (None, None)
        values = (row.own, row.own_least, row.own_spread,
                  row.kernel, row.kernel_least, row.kernel_spread)
        cells.append((row.label(), *map(row.text, values), number(row.ratio, '.2f'),
                      number(row.target, ''), row.verdict, number(own), number(kernel)))
    return cells


def print_table(rows, header):
    for line in header:
        print(f'# {line}')
    widths = (36, 10, 10, 9, 10, 10, 9, 6, 6, 6, 14, 13)
    for cells in table(rows):
        print(f'{cells[0]:{widths[0]}}' +
              ''.join(f' {cell:>{width}}' for cell, width in zip(cells[1:], widths[1:])))


def write_rst(path, rows):
    """A simple table: no spreads, which the page speaks of in general."""
    lines = [[cells[i] for i in (0, 1, 4, 7, 8, 10, 11)] for cells in table(rows)]
    lines = [[r'\-' if cell == '-' else cell for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines)]
    border = '  '.join('=' * width for width in widths)
    lines = ['  '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
             for line in lines]
    with open(path, 'w') as out:
        print(border, lines[0], border, *lines[1:], border, sep='\n', file=out)


def bar(row, y, scale):
    end = min(row.ratio, 3.0) * scale
    colour = '#3a7d44' if row.ratio <= 1 else '#b5462f'
    return (f'<text x="230" y="{y + 12}" text-anchor="end">{row.label()}</text>'
            f'<rect x="240" y="{y}" width="{end:.0f}" height="15" fill="{colour}"/>'
            f'<text x="{246 + end:.0f}" y="{y + 12}">{row.ratio:.2f}</text>')


def write_svg(path, rows, header):
    rows = [row for row in rows if row.ratio is not None]
    scale, height = 150, 22 * len(rows) + 60
    with open(path, 'w') as out:
        print(f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height}"'
              f' font-family="sans-serif" font-size="12">', file=out)
        print(f'<text x="10" y="18">What swaptbl takes over what the kernel takes, less is'
              f' better. {header[0]}</text>', file=out)
        for i, row in enumerate(rows):
            print(bar(row, 40 + 22 * i, scale), file=out)
        print(f'<line x1="{240 + scale}" y1="32" x2="{240 + scale}" y2="{height - 15}"'
              f' stroke="black" stroke-dasharray="4"/></svg>', file=out)


def add_insns(rows, log):
    """Return: the rows that instructions were counted of."""
    counted, _ = read(log)
    by_what = {row.what: row for row in counted}
    for row in rows:
        row.insns = by_what.get(row.what)
    return counted


def reparenting(rows):
    """Return: how far the removals of groups of any size are apart."""
    times = [row.own for row in rows if row.name.startswith('reparent ') and row.own]
    return f'reparent, most to least: {max(times) / min(times):.2f}' if times else None


def targets_met(rows):
    verdicts = [row.verdict for row in rows if row.verdict]
    missing = len(TARGETS) - len(verdicts)
    return (f'{verdicts.count("met")} of {len(verdicts)} targets met' +
            (f', {missing} not measured' if missing else ''))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--insns', help='log of the run that counted instructions')
    parser.add_argument('--insns-csv', help='where to write what it counted')
    parser.add_argument('--rst', help='where to write the table for the documentation')
    parser.add_argument('log')
    parser.add_argument('csv')
    parser.add_argument('svg')
    parser.add_argument('header', nargs='+', help='lines that say what was measured')
    return parser.parse_args()


def main():
    args = arguments()
    rows, other = read(args.log)
    header = args.header + [line[2:] for line in other if line.startswith('# ')]
    if args.insns:
        write_csv(args.insns_csv, add_insns(rows, args.insns), header, 'insns')
    write_csv(args.csv, rows, header, 'ns')
    write_svg(args.svg, rows, header)
    if args.rst:
        write_rst(args.rst, rows)
    print_table(rows, header)
    print()
    notes = [line for line in other if not line.startswith('# ')] + [reparenting(rows)]
    print(*filter(None, notes), targets_met(rows), sep='\n')


main()
