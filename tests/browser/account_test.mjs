// SPDX-License-Identifier: MIT
// Logging in and out, and one's own page.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { inEveryWay, Reader } from './support/browser.mjs';
import { eventually } from './support/environment.mjs';
import { Farm } from './support/farm.mjs';
import { FakeServer } from './support/fake_server.mjs';

const kPassword = 'a long password';
let farm, server, admin;

before(async () => {
    server = await FakeServer.start('x86_64', 5);
    farm = await Farm.start({ x86_64: [server.url] }, { 'limits.submissionsPerMinute': '1000' });
    admin = await farm.as('admin', 'admin123');
});

let count = 0;

/** A new account for each way, since passwords and sessions are changed. */
async function someone() {
    const name = `person${++count}`;
    await admin.addUser(name, kPassword);
    return name;
}

async function logIn(reader, name, password) {
    const { hand, page } = reader;
    await hand.write(page.getByLabel('User name'), name);
    await hand.write(page.getByLabel('Password'), password);
    await hand.press(page.getByRole('button', { name: 'Log in' }));
}

test('people log in and out and are told when a password is wrong', async () => {
    await inEveryWay(farm, async reader => {
        const name = await someone();
        reader.expects(401);
        const page = await reader.go('/dashboard');
        await reader.hand.press(page.getByRole('link', { name: 'Log in' }));
        await page.waitForURL('**/login');
        await logIn(reader, name, 'wrong password');
        await page.getByRole('alert').waitFor();
        assert.equal(await page.getByLabel('User name').inputValue(), name);
        await reader.checkAccess();
        await logIn(reader, name, kPassword);
        await page.waitForURL('**/dashboard');
        await page.getByText(name).waitFor();
        assert.equal(await page.evaluate(() => document.cookie), '');
        await reader.hand.press(page.getByRole('link', { name: 'Log out' }));
        await page.getByText('You are logged out.').waitFor();
        await reader.checkAccess();
        await page.goto('/my');
        await page.getByRole('link', { name: 'Log in' }).first().waitFor();
    });
});

test('the password is changed after mistakes are shown beside their fields', async () => {
    await inEveryWay(farm, async reader => {
        const name = await someone();
        await reader.signedInAs(name, kPassword);
        reader.expects(400, 401, 403);
        const page = await reader.go('/my');
        const change = async (current, wanted, again) => {
            await reader.hand.write(page.getByLabel('Current password'), current);
            await reader.hand.write(page.getByLabel('New password', { exact: true }), wanted);
            await reader.hand.write(page.getByLabel('New password, once more'), again);
            await reader.hand.press(page.getByRole('button', { name: 'Change the password' }));
        };
        await change(kPassword, 'another password', 'a different one');
        await page.locator('.told.tone-bad').waitFor();
        await reader.checkAccess();
        await change(kPassword, 'another password', 'another password');
        await page.locator('.told').getByText('The password is changed').waitFor();
        assert.equal((await farm.guest.post('/auth/login', { username: name, password: kPassword })).status, 401);
        await farm.as(name, 'another password');
    });
});

test('address and mails are set on the own page', async () => {
    await inEveryWay(farm, async reader => {
        const name = await someone();
        const api = await farm.as(name, kPassword);
        await reader.signedInAs(name, kPassword);
        const page = await reader.go('/my');
        const section = page.locator('section', { has: page.getByRole('heading', { name: 'E-mail', exact: true }) }).last();
        await reader.hand.write(section.getByLabel('Address'), `${name}@new.example.org`);
        await reader.hand.press(section.getByRole('button', { name: 'Save' }));
        await page.getByText('The address is saved.').waitFor();
        await reader.hand.toggle(section.getByLabel(/Send me a mail/));
        await eventually('mails are off', async () => {
            const me = await api.must('GET', '/auth/me');
            return me.email === `${name}@new.example.org` && me.email_notifications_enabled === false;
        });
        await page.reload();
        assert.equal(await section.getByLabel('Address').inputValue(), `${name}@new.example.org`);
        assert.ok(!await section.getByLabel(/Send me a mail/).isChecked());
        await reader.checkAccess();
    });
});

test('own builds and what needs attention are listed', async () => {
    const name = await someone();
    const api = await farm.as(name, kPassword);
    const failed = await api.submit('broken');
    const running = await api.submit('fine');
    await server.waitFor(failed);
    server.finish(failed, 'failed');
    await api.waitForEnd(failed);
    await inEveryWay(farm, async reader => {
        await reader.signedInAs(name, kPassword);
        const page = await reader.go('/my');
        const attention = page.locator('section', { has: page.getByRole('heading', { name: 'Needs your attention' }) });
        await page.getByRole('heading', { name: 'My builds' }).waitFor();
        await page.locator('tr', { hasText: 'fine' }).getByText('building').waitFor();
        await reader.checkAccess();
        await reader.hand.press(attention.getByRole('link', { name: 'broken' }));
        await page.waitForURL(`**/build/${failed}/status`);
    });
    await api.must('POST', `/build/${running}/cancel`);
});

test('other sessions are seen and ended', async () => {
    await inEveryWay(farm, async reader => {
        const name = await someone();
        const other = await farm.as(name, kPassword);
        await reader.signedInAs(name, kPassword);
        const page = await reader.go('/my');
        await page.getByText('this session').waitFor();
        await reader.hand.press(page.getByRole('button', { name: /^End it/ }));
        await reader.hand.press(page.getByRole('dialog').getByRole('button', { name: 'End the session' }));
        await eventually('the session has ended', async () => (await other.get('/auth/me')).status === 401);
        await page.getByRole('button', { name: /^End it/ }).waitFor({ state: 'detached' });
        await page.reload();
        await page.getByText('this session').waitFor();
    });
});

test('pages of others ask a guest to log in and lead back', async () => {
    const reader = await Reader.open(farm);
    reader.expects(401, 403);
    for (const target of ['/my', '/submit', '/admin', '/admin/panel/users']) {
        const page = await reader.go(target);
        await page.getByRole('main').getByRole('link', { name: 'Log in' }).waitFor();
        await reader.checkAccess();
    }
    await reader.close();
});
