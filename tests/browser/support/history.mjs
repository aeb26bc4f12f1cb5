// SPDX-License-Identifier: MIT
// Builds of the past, written into the database as an existing farm would have them.

import { randomUUID } from 'node:crypto';

const kDay = 86400;

function row(index, { user, server, packages }) {
    const status = index % 7 === 3 ? 'failed' : index % 11 === 5 ? 'cancelled' : 'completed';
    const architecture = index % 5 === 4 ? 'aarch64' : 'x86_64';
    const created = Math.floor(Date.now() / 1000) - 600 - Math.floor(index * (1 + index % 3) * kDay / 20);
    const name = packages[index % packages.length];
    const values = [`'${randomUUID()}'`, `'${server}'`, `'${architecture}'`, `'${name}'`, `'${status}'`, `'${status}'`,
        created + 5 + index % 40, created + 65 + index * 37 % 300, created, `(SELECT id FROM users WHERE username = '${user}')`,
        `'1.${index}'`, `'1'`, index + 1];
    return `(${values.join(', ')})`;
}

/** Stops the farm, gives `user` builds that have ended, newest first by index, and starts it again. */
export function addHistory(farm, { user, count, server = 'http://old.example.org:8000', packages = ['history'] }) {
    const rows = Array.from({ length: count }, (_, index) => row(index, { user, server, packages }));
    return farm.whileStopped(`INSERT INTO builds (id, server_url, server_arch, pkgname, status, state, start_time, end_time,
        created_at, user_id, pkgver, pkgrel, sequence) VALUES ${rows.join(',\n')};`);
}
