// SPDX-License-Identifier: MIT
// Every page that the farm has, and how one comes to see it.

import { Buffer } from 'node:buffer';

import { kPassword } from './busy_farm.mjs';
import { pkgbuild } from './packages.mjs';

/** By name: where it is, who sees it (an administrator unless said), its status, and what makes it complete. */
export function allPages(busy) {
    return {
        login: { address: '/login', who: 'guest' },
        dashboard: { address: '/dashboard' },
        builds: { address: '/dashboard/builds?status=completed' },
        packages: { address: '/dashboard/packages' },
        statistics: { address: '/dashboard/statistics' },
        build: { address: `/build/${busy.running}/status` },
        'build-failed': { address: `/build/${busy.failed}/status` },
        submit: { address: '/submit', who: 'alice', prepare: choosePackage },
        my: { address: '/my', who: 'alice' },
        error: { address: '/nothing', status: 404 },
        admin: { address: '/admin' },
        ...Object.fromEntries(['users', 'mail', 'servers', 'store', 'repositories', 'tasks', 'plugins', 'audit',
            'settings'].map(name => [`admin-${name}`, { address: `/admin/panel/${name}` }])),
    };
}

async function choosePackage(page) {
    const buffer = Buffer.from(pkgbuild('curl', { architectures: "'x86_64' 'aarch64' 'riscv64'" }));
    await page.getByLabel('Choose files').setInputFiles({ name: 'PKGBUILD', mimeType: 'text/plain', buffer });
    await page.getByRole('region', { name: 'What the farm reads' }).waitFor();
}

/** Opens it as somebody who may see it. */
export async function visit(reader, { address, who = 'admin', status }) {
    if (status)
        reader.expects(status);
    if (reader.who !== who || (await reader.context.cookies()).length === 0) {
        await reader.context.clearCookies();
        if (who !== 'guest')
            await reader.signedInAs(who, who === 'admin' ? 'admin123' : kPassword);
        reader.who = who;
    }
    return reader.go(address);
}

/** Opens it and waits until all of it is there. */
export async function open(reader, wanted) {
    const page = await visit(reader, wanted);
    if (await page.locator('#log').count() > 0)
        await page.locator('#log .window .row').first().waitFor();
    await wanted.prepare?.(page);
}
