// SPDX-License-Identifier: MIT
// A screenshot as a PNG of 256 colours: pages have few, and the repository stays small.

import { deflateSync, inflateSync } from 'node:zlib';

const kSignature = Buffer.from('89504e470d0a1a0a', 'hex');

function* chunksOf(png) {
    for (let at = 8; at < png.length;) {
        const length = png.readUInt32BE(at);
        yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
        at += 12 + length;
    }
}

function paeth(a, b, c) {
    const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/** Rows of samples without the filters that each row was packed with. */
function unfilter(packed, width, height, size) {
    const stride = width * size;
    const out = Buffer.alloc(stride * height);
    for (let y = 0; y < height; ++y) {
        const filter = packed[y * (stride + 1)];
        for (let x = 0; x < stride; ++x) {
            const left = x >= size ? out[y * stride + x - size] : 0;
            const up = y > 0 ? out[(y - 1) * stride + x] : 0;
            const corner = x >= size && y > 0 ? out[(y - 1) * stride + x - size] : 0;
            const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
            out[y * stride + x] = packed[y * (stride + 1) + 1 + x] + guess;
        }
    }
    return out;
}

function coloursOf(samples, size) {
    const counts = new Map();
    for (let at = 0; at < samples.length; at += size) {
        const colour = samples.readUIntBE(at, 3);
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
}

function nearest(colour, palette) {
    const distance = other => [16, 8, 0].reduce((sum, shift) =>
        sum + ((colour >> shift & 255) - (other >> shift & 255)) ** 2, 0);
    return palette.reduce((best, other, index) => distance(other) < distance(palette[best]) ? index : best, 0);
}

function crc32(data) {
    let crc = 0xffffffff;
    for (const byte of data) {
        crc ^= byte;
        for (let bit = 0; bit < 8; ++bit)
            crc = crc >>> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

export function smallPng(png) {
    const chunks = [...chunksOf(png)];
    const header = Buffer.from(chunks[0].data);
    const [width, height, size] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
    const packed = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
    const samples = unfilter(packed, width, height, size);
    const colours = coloursOf(samples, size);
    const palette = colours.slice(0, 256);
    const indexes = new Map(colours.map((colour, index) => [colour, index < 256 ? index : nearest(colour, palette)]));
    const rows = Buffer.alloc((width + 1) * height);
    for (let y = 0; y < height; ++y)
        for (let x = 0; x < width; ++x)
            rows[y * (width + 1) + 1 + x] = indexes.get(samples.readUIntBE((y * width + x) * size, 3));
    header[9] = 3;
    const entries = Buffer.alloc(palette.length * 3);
    palette.forEach((colour, index) => entries.writeUIntBE(colour, index * 3, 3));
    return Buffer.concat([kSignature, chunk('IHDR', header), chunk('PLTE', entries),
        chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
}
