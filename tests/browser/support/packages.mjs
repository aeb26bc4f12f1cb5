// SPDX-License-Identifier: MIT
import { gunzipSync, gzipSync } from 'node:zlib';

const kBlock = 512;

/** A PKGBUILD of a package without sources that builds in a moment. */
export function pkgbuild(name, { architectures = "'x86_64'", description = 'a test', body } = {}) {
    const package_ = 'package() { mkdir -p "$pkgdir/usr/share"; echo hello > "$pkgdir/usr/share/$pkgname"; }\n';
    return `pkgname=${name}\npkgver=1.0\npkgrel=1\npkgdesc=${description.includes("'") ? `"${description}"` : `'${description}'`}\n`
        + `license=('custom')\narch=(${architectures})\n${body ?? package_}`;
}

function header(name, size) {
    const block = Buffer.alloc(kBlock);
    const field = (text, at) => block.write(text, at, 'latin1');
    block.write(name, 0, 100, 'utf8');
    field('0000644\0', 100);
    field('0000000\0', 108);
    field('0000000\0', 116);
    field(`${size.toString(8).padStart(11, '0')}\0`, 124);
    field('00000000000\0', 136);
    field('        0', 148);
    field('ustar\x0000', 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    field(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return block;
}

/** A gzip-compressed tar of name to content. */
export function tarball(files) {
    const pieces = [];
    for (const [name, content] of Object.entries(files)) {
        const data = Buffer.from(content);
        pieces.push(header(name, data.length), data, Buffer.alloc((kBlock - data.length % kBlock) % kBlock));
    }
    pieces.push(Buffer.alloc(2 * kBlock));
    return gzipSync(Buffer.concat(pieces));
}

/** The PKGBUILD in a tarball. */
export function pkgbuildIn(compressed) {
    const tar = gunzipSync(compressed);
    for (let at = 0; at + kBlock <= tar.length && tar[at] !== 0;) {
        const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
        const size = parseInt(tar.toString('latin1', at + 124, at + 135), 8);
        if (/^(\.\/)?PKGBUILD$/.test(name))
            return tar.toString('utf8', at + kBlock, at + kBlock + size);
        at += kBlock + Math.ceil(size / kBlock) * kBlock;
    }
    return '';
}
