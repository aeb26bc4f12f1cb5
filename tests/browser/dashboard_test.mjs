// SPDX-License-Identifier: MIT
// The dashboard and the lists of builds and packages, as people use them.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { inEveryWay, Reader } from './support/browser.mjs';
import { Farm } from './support/farm.mjs';
import { FakeServer } from './support/fake_server.mjs';
import { eventually } from './support/environment.mjs';
import { addHistory } from './support/history.mjs';

let farm, server, admin, running, waiting;

before(async () => {
    server = await FakeServer.start('x86_64', 1);
    farm = await Farm.start({ x86_64: [server.url], aarch64: [(await FakeServer.start('aarch64', 3)).url] });
    admin = await farm.as('admin', 'admin123');
    await admin.addUser('alice', 'a long password');
    await addHistory(farm, { user: 'alice', count: 60 });
    running = await admin.submit('long-one');
    await server.waitFor(running);
    waiting = await admin.submit('patient');
    await admin.waitForStatus(running, 'building');
});

test('a guest sees at a glance how the farm does', async () => {
    await inEveryWay(farm, async reader => {
        const page = await reader.go('/dashboard');
        const card = page.locator('.card', { hasText: 'long-one' });
        await card.getByText('1 of 1 slots in use').waitFor();
        const queue = page.locator('.queue');
        await queue.getByRole('link', { name: 'patient' }).waitFor();
        assert.match(await queue.innerText(), /full|slot/);
        assert.match(await page.locator('.tiles').innerText(), /2 of 2/);
        await reader.checkAccess();
        await reader.hand.press(card.getByRole('link', { name: 'long-one' }));
        await page.waitForURL(`**/build/${running}/status`);
    });
});

test('filters and pages of builds are in the address and survive a reload', async () => {
    await inEveryWay(farm, async reader => {
        await reader.signedInAs('alice', 'a long password');
        const page = await reader.go('/dashboard/builds');
        await reader.hand.choose(page.getByLabel('State'), 'completed');
        await reader.hand.write(page.getByLabel('Package', { exact: true }), 'history');
        await reader.hand.write(page.getByLabel('Architecture'), 'x86_64');
        await reader.hand.write(page.getByLabel('User'), 'alice');
        await reader.hand.press(page.getByRole('button', { name: 'Filter' }));
        await page.waitForURL(/status=completed/);
        await reader.hand.press(page.getByRole('link', { name: 'Older' }));
        await page.waitForURL(/page=2/);
        const shown = () => page.locator('tbody tr').evaluateAll(rows => rows.map(row => row.dataset.key));
        const before = await shown();
        assert.ok(before.length > 0);
        const words = await page.locator('tbody .badge').allInnerTexts();
        assert.deepEqual([...new Set(words)], ['completed']);
        await page.reload();
        assert.deepEqual(await shown(), before);
        assert.equal(await page.getByLabel('Package', { exact: true }).inputValue(), 'history');
        assert.equal(await page.getByLabel('User').inputValue(), 'alice');
        await reader.checkAccess();
        await reader.hand.press(page.getByRole('link', { name: 'Show all' }));
        await page.waitForURL(url => !url.search.includes('status='));
    });
});

test('packages are listed by architecture and lead to their builds', async () => {
    await inEveryWay(farm, async reader => {
        const page = await reader.go('/dashboard/packages');
        await reader.hand.write(page.getByLabel('Package', { exact: true }), 'history');
        await reader.hand.press(page.getByRole('button', { name: 'Find' }));
        await page.waitForURL(/package=history/);
        await reader.checkAccess();
        await reader.hand.press(page.locator('.matrix tbody a .badge').first().locator('..'));
        await page.waitForURL(/\/build\/.*\/status/);
    });
});

test('the dashboard shows what happens without a reload', async () => {
    const reader = await Reader.open(farm);
    const page = await reader.go('/dashboard');
    await page.evaluate(() => { window.stayed = true; });
    const build = await admin.submit('newcomer');
    await page.locator('.queue').getByRole('link', { name: 'newcomer' }).waitFor();
    await admin.must('POST', `/build/${build}/cancel`);
    await page.locator('tr', { hasText: 'newcomer' }).getByText('cancelled').waitFor();
    await page.locator('.queue').getByRole('link', { name: 'newcomer' }).waitFor({ state: 'detached' });
    assert.ok(await page.evaluate(() => window.stayed));
    await reader.close();
});

test('a server that goes away and one that recreates its build root are marked', async () => {
    const reader = await Reader.open(farm);
    const page = await reader.go('/dashboard');
    server.isRecreating = true;
    await page.getByText('build root is being made anew').waitFor();
    server.isRecreating = false;
    await server.goDown();
    await page.locator('.card').getByText(/offline|degraded|unavailable/).first().waitFor();
    await server.comeUp();
    await page.locator('.card', { hasText: 'long-one' }).getByText('online').waitFor();
    await reader.checkAccess();
    await reader.close();
});

test('the dashboard can be read without script and refreshes itself', async () => {
    const answer = await farm.guest.get('/dashboard');
    assert.match(answer.text, /<noscript><meta http-equiv="refresh" content="10"><\/noscript>/);
    assert.match(answer.text, /long-one/);
    assert.ok(await eventually('the queue', () => answer.text.includes('patient')));
    assert.equal(await admin.statusOf(waiting), 'queued');
});
