// SPDX-License-Identifier: MIT
// Texts that run as scripts wherever somebody forgot to escape them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

export const payloads = JSON.parse(readFileSync(new URL('../payloads.json', import.meta.url), 'utf8'));

/** Those without control characters, which pages show as escapes or not at all. */
// eslint-disable-next-line no-control-regex
export const plainPayloads = payloads.filter(text => !/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(text));

const squeezed = text => text.replace(/\s+/g, '');

/** Every one of them is to be read, character by character. */
export function checkAllRead(shown, wanted = plainPayloads) {
    const text = squeezed(shown);
    assert.deepEqual(wanted.filter(payload => !text.includes(squeezed(payload))), []);
}

/** In the browser: what in a document could run, or load from elsewhere, and is not the farm's own. */
export function suspects(root = document) {
    const isOurs = url => new URL(url, location.origin).origin === location.origin;
    const found = [];
    for (const element of root.querySelectorAll('*'))
        for (const { name, value } of element.attributes) {
            const leads = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'background', 'srcdoc'].includes(name);
            // eslint-disable-next-line no-control-regex
            const address = value.replace(/[\x00-\x20]/g, '');
            if (/^on/i.test(name) || name === 'srcdoc' || leads && (/^(javascript|data|vbscript):/i.test(address) || !isOurs(value)))
                found.push(element.outerHTML.slice(0, 200));
        }
    for (const script of root.querySelectorAll('script'))
        if (!script.src || !new URL(script.src, location.origin).pathname.startsWith('/static/'))
            found.push(script.outerHTML.slice(0, 200));
    return found;
}

const quoted = text => `'${text.replaceAll("'", "''")}'`;
const uuid = index => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
export const buildOf = uuid;

/** Rows as a careless or hostile neighbour leaves them: accounts, builds, files and events named by payloads. */
export function hostileRows() {
    const now = Math.floor(Date.now() / 1000);
    const rows = [];
    payloads.forEach((payload, index) => {
        const text = quoted(payload);
        const architecture = index % 10 === 0 ? text : "'x86_64'";
        const server = index % 10 === 1 ? text : "'http://old.example.org:8000'";
        rows.push(`INSERT INTO users (username, password_hash, role, created_at, email) VALUES (${text}, 'x:y', 'user', ${now}, ${text});`);
        rows.push(`INSERT INTO builds (id, server_url, server_arch, pkgname, pkgver, pkgrel, status, state, created_at, start_time,
            end_time, user_id, sequence, reason) VALUES (${quoted(uuid(index))}, ${server}, ${architecture}, ${text}, ${text}, '1',
            'failed', 'failed', ${now - index}, ${now - index}, ${now}, (SELECT id FROM users WHERE username = ${text}), ${index + 1}, ${text});`);
        rows.push(`INSERT INTO artifacts VALUES (${quoted(uuid(0))}, ${text}, 1, '${'0'.repeat(64)}', 'text/html', ${now});`);
        rows.push(`INSERT INTO build_attempts VALUES (${quoted(uuid(0))}, ${index + 1}, ${text}, ${now}, ${now}, ${text});`);
        rows.push(`INSERT INTO audit_events (at, actor, action, target, address, result, request_id)
            VALUES (${now}, ${text}, ${text}, ${text}, ${text}, ${text}, ${text});`);
    });
    return `BEGIN;\n${rows.join('\n')}\nCOMMIT;\n`;
}
