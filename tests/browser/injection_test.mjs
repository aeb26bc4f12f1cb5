// SPDX-License-Identifier: MIT
// Two hundred payloads through everything that reaches a page. Each reader fails when one runs, is stopped by the
// policy, opens a dialog or loads something from elsewhere; the tests look that none became markup and all can be read.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Reader } from './support/browser.mjs';
import { eventually } from './support/environment.mjs';
import { Farm } from './support/farm.mjs';
import { FakeServer } from './support/fake_server.mjs';
import { buildOf, checkAllRead, hostileRows, payloads, plainPayloads, suspects } from './support/payloads.mjs';

let farm, servers, admin;

before(async () => {
    assert.equal(new Set(payloads).size, 200);
    servers = await Promise.all(Array.from({ length: 10 }, () => FakeServer.start('x86_64', 3)));
    farm = await Farm.start({ x86_64: servers.map(server => server.url) });
    await farm.whileStopped(hostileRows());
    admin = await farm.as('admin', 'admin123');
});

async function reader(...expected) {
    const opened = await (await Reader.open(farm)).signedInAs('admin', 'admin123');
    opened.expects(...expected);
    return opened;
}

/** Opens a page, makes its live parts come once more, and looks for what should not be there. The text of the page. */
async function visit(opened, target) {
    const page = await opened.go(target);
    if (await page.locator('[data-refresh]').count() > 0)
        await Promise.all([page.waitForResponse(answer => answer.url().includes('/fragment')),
            page.evaluate(() => document.dispatchEvent(new CustomEvent('farm:changed')))]);
    assert.deepEqual(await page.evaluate(suspects), [], target);
    return page.locator('main').evaluate(main => main.textContent);
}

test('a payload that became markup would be noticed', async () => {
    const opened = await Reader.open(farm);
    const page = await opened.go('/login');
    await page.evaluate(text => document.querySelector('main').insertAdjacentHTML('beforeend', text), '<img src=x onerror=alert(1)>');
    await eventually('it was stopped', () => opened.troubles.some(text => text.includes('policy: script-src')));
    assert.notDeepEqual(await page.evaluate(suspects), []);
    await page.evaluate(() => { window.__xss = 1; });
    await eventually('the sentinel', () => opened.troubles.some(text => text.includes('sentinel')));
    await opened.context.close();
});

test('names, versions and reasons in the lists of builds and packages', async () => {
    const opened = await reader();
    let builds = '';
    for (let page = 1; page <= 10; ++page)
        builds += await visit(opened, `/dashboard/builds?page=${page}`);
    checkAllRead(builds);
    await visit(opened, '/dashboard');
    await visit(opened, '/dashboard/packages');
    for (const payload of plainPayloads.filter((_, index) => index % 10 === 0))
        checkAllRead(await visit(opened, `/dashboard/packages?package=${encodeURIComponent(payload)}`), [payload]);
    await visit(opened, '/dashboard/statistics?days=365');
    await opened.close();
});

test('files, attempts and earlier builds on the page of a build', async () => {
    const opened = await reader();
    checkAllRead(await visit(opened, `/build/${buildOf(0)}/status`));
    for (let index = 1; index < payloads.length; ++index)
        await visit(opened, `/build/${buildOf(index)}/status`);
    await opened.close();
});

test('accounts, addresses and events in the panel', async () => {
    const opened = await reader();
    checkAllRead(await visit(opened, '/admin/panel/users'));
    let events = '';
    for (let page = 1; page <= 5; ++page)
        events += await visit(opened, `/admin/panel/audit?page=${page}`);
    checkAllRead(events);
    for (const part of ['', '/panel/mail', '/panel/store', '/panel/repositories', '/panel/tasks', '/panel/plugins', '/panel/settings'])
        await visit(opened, `/admin${part}`);
    await opened.close();
});

test('dialogs that name an account', async () => {
    const opened = await reader();
    const page = await opened.go('/admin/panel/users');
    for (let index = 0; index < payloads.length; ++index) {
        // In one go: the list may be made anew between two looks at it.
        const name = await page.evaluate(at => {
            const button = document.querySelectorAll('[data-opens=delete-dialog]')[at];
            button.click();
            return button.dataset.setName;
        }, index);
        assert.equal(await page.locator('#delete-dialog [data-slot=name]').textContent(), name);
        assert.deepEqual(await page.evaluate(suspects), []);
        await page.keyboard.press('Escape');
    }
    await opened.close();
});

test('lines, phases and errors of a log', async () => {
    const server = servers[0];
    const others = servers.slice(1).map(({ url }) => admin.must('POST', '/admin/servers/drain', { server: url }));
    await Promise.all(others);
    const build = await admin.submit('talkative');
    await server.waitFor(build);
    const opened = await reader();
    const page = await opened.go(`/build/${build}/status`);
    server.log(build, ...payloads);
    await page.locator('#L200').waitFor();
    server.log(build, ...payloads.map(text => `==> ${text}`), ...payloads.map(text => `x.c:1:1: error: ${text}`));
    await page.locator('#L600').waitFor();
    server.finish(build, 'failed', Object.fromEntries(payloads.map(name => [name, 'content'])));
    await admin.waitForEnd(build);
    await visit(opened, `/build/${build}/status`);
    let lines = '';
    for (let number = 1; number <= 600; number += 15) {
        await page.evaluate(line => { location.hash = `#L${line}`; }, number);
        await page.locator(`#L${number}.here`).waitFor();
        lines += await page.locator('#log').evaluate(log => log.textContent);
    }
    checkAllRead(lines);
    assert.deepEqual(await page.evaluate(suspects), []);
    await opened.close();
});

test('what is searched for in a log', async () => {
    const build = (await admin.must('GET', '/my/builds')).builds[0].build_id;
    const opened = await reader(400);
    const page = await opened.go(`/build/${build}/status`);
    for (const payload of plainPayloads) {
        await page.getByLabel('Text to find').fill(payload);
        await page.getByRole('button', { name: 'Find', exact: true }).click();
        await page.locator('#log-search [role=status]').getByText(/ of |not found/).waitFor();
        assert.deepEqual(await page.evaluate(suspects), [], payload);
    }
    await opened.close();
});

test('what build servers say of themselves', async () => {
    const opened = await reader();
    for (let index = 0; index < payloads.length; index += 2 * servers.length) {
        servers.forEach((server, number) => {
            server.version = payloads[(index + 2 * number) % payloads.length];
            server.uptime = server.model = payloads[(index + 2 * number + 1) % payloads.length];
            server.architecture = number % 3 === 2 ? server.version : 'x86_64';
        });
        const asked = servers.map(server => server.probes ?? 0);
        await eventually('all servers were asked', () => servers.every((server, at) => server.probes > asked[at] + 1));
        await visit(opened, '/admin/panel/servers');
        await visit(opened, '/dashboard');
    }
    for (const server of servers)
        Object.assign(server, { architecture: 'x86_64', version: '1', uptime: '1' });
    await opened.close();
});

test('notes about servers and settings of mails', async () => {
    const opened = await reader();
    await Promise.all(servers.map(({ url }, index) => admin.must('PUT', '/admin/servers/note',
        { server: url, note: payloads.slice(20 * index, 20 * index + 20).join(' | ') })));
    checkAllRead(await visit(opened, '/admin/panel/servers'));
    for (const payload of plainPayloads) {
        await admin.must('POST', '/admin/smtp', { server: '127.0.0.1', port: 1, from_email: 'farm@example.org', from_name: payload });
        await visit(opened, '/admin/panel/mail');
        await opened.page.waitForFunction(text => document.getElementById('smtp-name').value === text, payload);
    }
    await opened.close();
});

test('filters and other parts of an address', async () => {
    const opened = await reader(400, 404);
    for (let index = 0; index < payloads.length; ++index) {
        const [name, arch, user] = [0, 1, 2].map(offset => payloads[(index + offset) % payloads.length]);
        const query = new URLSearchParams({ package: name, arch, user });
        const page = await opened.go(`/dashboard/builds?${query}#${encodeURIComponent(name)}`);
        assert.deepEqual(await page.evaluate(suspects), [], name);
        if ([name, arch, user].every(text => plainPayloads.includes(text)))
            assert.equal(await page.getByLabel('Package', { exact: true }).inputValue(), name.trim());
    }
    await opened.close();
});

/** In the browser: the answers of these addresses as documents, without opening each. */
async function suspectsAt(targets) {
    const found = [];
    for (const target of targets) {
        const answer = await fetch(target);
        const type = answer.headers.get('content-type').split(';')[0].replace('application/atom+xml', 'application/xml');
        if (!/html|xml|svg/.test(type))
            continue;
        const parsed = new DOMParser().parseFromString(await answer.text(), type);
        if (window.suspects(parsed).length > 0 || parsed.querySelector('parsererror'))
            found.push(target);
    }
    return found;
}

test('addresses that lead nowhere, badges and the feed', async () => {
    const opened = await reader(400, 404, 422);
    const page = await opened.go('/dashboard');
    await page.evaluate(`window.suspects = ${suspects}`);
    const targets = payloads.map(encodeURIComponent).flatMap(text => [`/${text}`, `/dashboard/${text}`, `/build/${text}/status`,
        `/badge/${text}`, `/login?build=${text}`, `/builds.atom?package=${text}`, `/dashboard/packages?package=${text}`]);
    assert.deepEqual(await page.evaluate(suspectsAt, targets), []);
    await opened.go(`/badge/${encodeURIComponent(payloads[0])}`);
    await opened.close();
});

test('what a package to submit contains', async () => {
    const opened = await reader(400);
    const page = await opened.go('/submit');
    for (let index = 0; index < payloads.length; index += 4) {
        const [name, version, description, architecture] = payloads.slice(index, index + 4).map(text => text.replaceAll("'", ''));
        const text = `pkgname='${index % 8 ? name : 'fine'}'\npkgver='${version}'\npkgrel=1\npkgdesc='${description}'\n`
            + `arch=('x86_64' '${architecture}')\n`;
        const answer = page.waitForResponse(/\/submit\/preview/);
        await page.getByLabel('Choose files').setInputFiles([
            { name: 'PKGBUILD', mimeType: 'text/plain', buffer: Buffer.from(text) },
            { name: name.replaceAll('/', ''), mimeType: 'text/html', buffer: Buffer.from(name) }]);
        await answer;
        await page.waitForFunction(() => document.getElementById('chosen').textContent !== '');
        assert.deepEqual(await page.evaluate(suspects), []);
    }
    await opened.close();
});

test('the name that somebody fails to log in with', async () => {
    const opened = await Reader.open(farm);
    opened.expects(400, 401, 429);
    for (const payload of plainPayloads) {
        const page = await opened.go('/login');
        await page.getByLabel('User name').evaluate((field, text) => { field.maxLength = 1000; field.value = text; }, payload);
        await page.getByLabel('Password').fill('a wrong password');
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.getByRole('alert').waitFor();
        assert.deepEqual(await page.evaluate(suspects), [], payload);
    }
    await opened.close();
});
