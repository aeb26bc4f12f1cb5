// SPDX-License-Identifier: MIT
// A line of a build's output as elements: colours from a fixed list, everything else that terminals know dropped.

const kKnown = new Set([1, 2, 3, 4, 30, 31, 32, 33, 34, 35, 36, 37, 90, 91, 92, 93, 94, 95, 96, 97]);
const kLongest = 8192;

/** What a terminal would show of a line, colours left in. */
function shownPart(line) {
    const text = line.replace(/\r+$/, '');
    return text.slice(text.lastIndexOf('\r') + 1).slice(0, kLongest);
}

// eslint-disable-next-line no-control-regex
const kEscape = /\x1b(?:\[([0-9;:]*)m|\[[^@-~]*[@-~]?|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]?.|$)/g;

function visible(text) {
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
        c => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

export function plainLine(line) {
    return visible(shownPart(line).replace(kEscape, ''));
}

function colourAfter(colour, codes) {
    let now = colour;
    for (const code of codes.split(/[;:]/).map(Number)) {
        if (code === 0)
            now = new Set();
        else if (code === 22)
            now = new Set([...now].filter(c => c > 2));
        else if (code === 39)
            now = new Set([...now].filter(c => c < 30));
        else if (code === 38 || code === 48)
            break;   // of 256 colours, which the fixed list does not have
        else if (kKnown.has(code))
            now = new Set([...now].filter(c => code < 30 || c < 30)).add(code);
    }
    return now;
}

function withMarks(text, wanted) {
    if (!wanted)
        return [document.createTextNode(text)];
    const pieces = [];
    const lowered = text.toLowerCase();
    let done = 0;
    for (let at; (at = lowered.indexOf(wanted, done)) >= 0; done = at + wanted.length) {
        const mark = document.createElement('mark');
        mark.textContent = text.slice(at, at + wanted.length);
        pieces.push(document.createTextNode(text.slice(done, at)), mark);
    }
    pieces.push(document.createTextNode(text.slice(done)));
    return pieces;
}

/** Nodes for one line; what contains `wanted` (lower case) is marked. */
export function lineNodes(line, wanted = '') {
    const nodes = [];
    const shown = shownPart(line);
    let colour = new Set();
    const add = piece => {
        const text = visible(piece);
        if (!text)
            return;
        if (colour.size === 0)
            return nodes.push(...withMarks(text, wanted));
        const span = document.createElement('span');
        span.className = [...colour].map(code => `ansi-${code}`).join(' ');
        span.append(...withMarks(text, wanted));
        nodes.push(span);
    };
    let done = 0;
    for (const escape of shown.matchAll(kEscape)) {
        add(shown.slice(done, escape.index));
        if (escape[1] !== undefined)
            colour = colourAfter(colour, escape[1]);
        done = escape.index + escape[0].length;
    }
    add(shown.slice(done));
    return nodes;
}
