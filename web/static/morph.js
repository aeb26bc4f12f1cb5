// SPDX-License-Identifier: MIT

const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.dataset.key ?? node.id : '';

/** Attributes that the reader's browser sets, which the server knows nothing of. */
const isOwn = (node, name) => name === 'open' && (node.tagName === 'DETAILS' || node.tagName === 'DIALOG');

function sameKind(a, b) {
    return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function takeAttributes(target, source) {
    for (const { name } of [...target.attributes])
        if (!source.hasAttribute(name) && !isOwn(target, name) && name !== 'title')
            target.removeAttribute(name);
    for (const { name, value } of source.attributes)
        if (target.getAttribute(name) !== value)
            target.setAttribute(name, value);
}

/**
 * Makes the children of `target` like those of `source` and touches only what differs, so that focus, selection,
 * opened details and scrolled places stay. Children with a `data-key` or an id keep their element when they move.
 */
export function morph(target, source) {
    const keyed = new Map();
    for (const child of target.children)
        if (keyOf(child))
            keyed.set(keyOf(child), child);
    let place = target.firstChild;
    for (const wanted of [...source.childNodes]) {
        let match = place && sameKind(place, wanted) ? place : null;
        if (!match && keyOf(wanted)) {
            const moved = keyed.get(keyOf(wanted));
            if (moved && sameKind(moved, wanted)) {
                target.insertBefore(moved, place);
                match = moved;
            }
        }
        if (!match) {
            target.insertBefore(wanted, place);
            continue;
        }
        if (match === place)
            place = place.nextSibling;
        if (match.nodeType !== Node.ELEMENT_NODE) {
            if (match.data !== wanted.data)
                match.data = wanted.data;
        } else if (!match.isEqualNode(wanted)) {
            takeAttributes(match, wanted);
            morph(match, wanted);
        }
    }
    while (place) {
        const next = place.nextSibling;
        place.remove();
        place = next;
    }
}
