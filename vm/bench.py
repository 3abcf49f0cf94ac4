#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: bench.py LOG CSV SVG HEADER-LINE...

Makes of the lines that swaptbl_bench.ko printed a table for people, on standard output,
a CSV file for machines, and a chart of the ratios. Times are medians; spread is how far
the middle half of the rounds is apart.
"""
import sys

MARK = 'swaptbl_bench: '


def read(path):
    rows, other = [], []
    with open(path, errors='replace') as log:
        for line in log:
            if MARK not in line:
                continue
            text = line.split(MARK, 1)[1].strip()
            if text.startswith('row '):
                rows.append(text[4:].split(','))
            else:
                other.append(text)
    return rows, other


def nanoseconds(picoseconds):
    return None if picoseconds == '-' else int(picoseconds) / 1000


class Row:
    """One operation: what it is, and median, least and spread of both engines."""

    def __init__(self, fields):
        self.what = fields[:4]
        self.own, self.own_least, self.own_spread = map(nanoseconds, fields[4:7])
        self.kernel, self.kernel_least, self.kernel_spread = map(nanoseconds, fields[7:10])

    @property
    def ratio(self):
        return self.own / self.kernel if self.own and self.kernel else None

    def label(self):
        name, order, threads, occupancy = self.what
        parts = [name]
        if order != '0':
            parts.append(f'order {order}')
        if threads != '1':
            parts.append(f'{threads} threads')
        if occupancy != '0':
            parts.append(f'{occupancy} % full')
        return ', '.join(parts)


def number(value, form='.1f'):
    return '-' if value is None else format(value, form)


def write_csv(path, rows, header):
    with open(path, 'w') as out:
        for line in header:
            print(f'# {line}', file=out)
        print('operation,order,threads,occupancy,swaptbl_ns,kernel_ns,ratio', file=out)
        for row in rows:
            print(*row.what, number(row.own), number(row.kernel),
                  number(row.ratio, '.3f'), sep=',', file=out)


def print_table(rows, header):
    for line in header:
        print(f'# {line}')
    print(f'{"operation":32} {"swaptbl":>9} {"least":>9} {"spread":>8}'
          f' {"kernel":>9} {"least":>9} {"spread":>8} {"ratio":>6}')
    for row in rows:
        print(f'{row.label():32} {number(row.own):>9} {number(row.own_least):>9}'
              f' {number(row.own_spread):>8} {number(row.kernel):>9}'
              f' {number(row.kernel_least):>9} {number(row.kernel_spread):>8}'
              f' {number(row.ratio, ".2f"):>6}')


def bar(row, y, scale):
    end = min(row.ratio, 3.0) * scale
    colour = '#3a7d44' if row.ratio <= 1 else '#b5462f'
    return (f'<text x="230" y="{y + 12}" text-anchor="end">{row.label()}</text>'
            f'<rect x="240" y="{y}" width="{end:.0f}" height="15" fill="{colour}"/>'
            f'<text x="{246 + end:.0f}" y="{y + 12}">{row.ratio:.2f}</text>')


def write_svg(path, rows, header):
    rows = [row for row in rows if row.ratio]
    scale, height = 150, 22 * len(rows) + 60
    with open(path, 'w') as out:
        print(f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height}"'
              f' font-family="sans-serif" font-size="12">', file=out)
        print(f'<text x="10" y="18">Time of swaptbl over the kernel\'s, less is better.'
              f' {header[0]}</text>', file=out)
        for i, row in enumerate(rows):
            print(bar(row, 40 + 22 * i, scale), file=out)
        print(f'<line x1="{240 + scale}" y1="32" x2="{240 + scale}" y2="{height - 15}"'
              f' stroke="black" stroke-dasharray="4"/></svg>', file=out)


def main():
    log, csv, svg, *header = sys.argv[1:]
    fields, other = read(log)
    rows = [Row(row) for row in fields]
    header += [line[2:] for line in other if line.startswith('# ')]
    write_csv(csv, rows, header)
    write_svg(svg, rows, header)
    print_table(rows, header)
    print()
    print('\n'.join(line for line in other if not line.startswith('# ')))


main()
