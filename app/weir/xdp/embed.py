# SPDX-License-Identifier: BSD-3-Clause
"""Write a file as the bytes of a C array: embed.py IN OUT NAME."""

import sys

source, target, name = sys.argv[1:]
with open(source, 'rb') as f:
    data = f.read()
with open(target, 'w', encoding='ascii') as f:
    f.write(f'static const unsigned char {name}[] = {{\n')
    for i in range(0, len(data), 16):
        f.write('\t' + ' '.join(f'0x{b:02x},' for b in data[i:i + 16]) + '\n')
    f.write('};\n')
