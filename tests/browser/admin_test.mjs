// SPDX-License-Identifier: MIT
// The admin panel but for its accounts, by mouse and by keyboard.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';

import { inEveryWay, Reader } from './support/browser.mjs';
import { eventually, sourceFolder } from './support/environment.mjs';
import { dialog, kPassword, makePanelFarm, named, openAsAdmin, rowOf } from './support/panel.mjs';
import { Program, temporaryFolder } from './support/program.mjs';

let farm, server, admin;
let count = 0;

before(async () => {
    ({ farm, server, admin } = await makePanelFarm());
});

async function startMailServer() {
    const folder = temporaryFolder('mails');
    const port = path.join(folder, 'port');
    const program = new Program('/usr/bin/python3', [path.join(sourceFolder, 'tests/support/smtp_server.py'), '--port-file', port,
        '--folder', folder], path.join(folder, 'log'));
    return { port: await program.port(port), count: () => readdirSync(folder).filter(name => name.endsWith('.eml')).length };
}

async function fillMailServer({ hand, page }, port) {
    await hand.write(page.getByLabel('Host name'), '127.0.0.1');
    await hand.write(page.getByLabel('Port'), String(port));
    if (await page.getByLabel(/Encrypt/).isChecked())
        await hand.toggle(page.getByLabel(/Encrypt/));
    await hand.write(page.getByLabel("Sender's address"), 'farm@example.org');
    await hand.write(page.getByLabel("Sender's name"), 'The farm');
    await hand.press(named(page, 'Save'));
    await page.locator('.told.tone-good').getByText('The mail settings are saved.').waitFor();
}

async function sendTestMail({ hand, page }) {
    await hand.write(page.getByLabel('To this address'), 'someone@example.org');
    await hand.press(named(page, 'Send a test mail'));
}

test('mail settings are saved, tried out and removed', async () => {
    const mails = await startMailServer();
    let sent = 0;
    await inEveryWay(farm, async reader => {
        const page = await openAsAdmin(reader, '/admin/panel/mail');
        await fillMailServer(reader, mails.port);
        await sendTestMail(reader);
        await page.locator('.told.tone-good').getByText('The mail is on its way.').waitFor();
        assert.equal(mails.count(), ++sent);
        await page.reload();
        await page.waitForFunction(() => document.getElementById('smtp-server').value === '127.0.0.1');
        assert.equal(await page.getByLabel(/Encrypt/).isChecked(), false);
        await reader.checkAccess();
        await reader.hand.press(named(page, 'Remove the settings'));
        const question = page.getByRole('dialog', { name: 'Remove the mail settings?' });
        await reader.hand.press(question.getByRole('button', { name: 'Remove the settings' }));
        await eventually('there are none', async () => (await admin.get('/admin/smtp')).body === null);
    });
});

test('a mail server that does not answer is told of in words', async () => {
    const reader = await Reader.open(farm);
    reader.expects(400);
    const page = await openAsAdmin(reader, '/admin/panel/mail');
    await fillMailServer(reader, 1);
    await sendTestMail(reader);
    await page.locator('.told.tone-bad').getByText(/connect|refused|answer/i).waitFor();
    await reader.checkAccess();
    await reader.close();
});

test('a server is drained, tried, noted about and taken back', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAsAdmin(reader, '/admin/panel/servers');
        const card = page.locator('.card', { hasText: server.url });
        await reader.hand.press(card.getByRole('button', { name: /^Drain/ }));
        await reader.checkAccess();
        await reader.hand.press(dialog(page).getByRole('button', { name: 'Drain the server' }));
        await reader.hand.press(card.getByRole('button', { name: /^Take/ }));
        await card.getByRole('button', { name: /^Drain/ }).waitFor();
        await reader.hand.press(card.getByRole('button', { name: /^Test/ }));
        await page.locator('.told.tone-good').waitFor();
        await reader.hand.press(card.getByRole('button', { name: /^Note/ }));
        await reader.hand.write(dialog(page).getByLabel('Note'), `a new disk, ${count++}`);
        await reader.hand.press(dialog(page).getByRole('button', { name: 'Keep the note' }));
        await card.getByText(`a new disk, ${count - 1}`).waitFor();
        await reader.hand.press(card.getByText('How it has been'));
        await card.locator('details li').first().waitFor();
        await reader.checkAccess();
    });
});

test('a drained server gets no builds', async () => {
    await admin.must('POST', '/admin/servers/drain', { server: server.url });
    const build = await admin.submit('patient');
    await eventually('the reason says so', async () =>
        /drain|maintenance/i.test((await admin.get(`/build/${build}/status-api`)).text));
    assert.equal(await admin.statusOf(build), 'queued');
    await admin.must('POST', '/admin/servers/resume', { server: server.url });
    await server.waitFor(build);
    server.finish(build, 'completed');
    await admin.waitForEnd(build);
});

test('repositories are entered, switched off and removed', async () => {
    await inEveryWay(farm, async reader => {
        const name = `extra${++count}`;
        const page = await openAsAdmin(reader, '/admin/panel/repositories');
        const form = page.getByRole('region', { name: 'New repository' });
        await reader.hand.write(form.getByLabel('Name'), name);
        await reader.hand.write(form.getByLabel('Address'), 'https://packages.example.org/$arch');
        await reader.hand.write(form.getByLabel('Key'), '0123456789ABCDEF');
        await reader.hand.press(form.getByRole('button', { name: 'Enter the repository' }));
        const row = page.getByRole('row').filter({ hasText: name });
        await row.getByText('https://packages.example.org/$arch').waitFor();
        await reader.hand.press(row.getByRole('button', { name: 'Switch off' }));
        await row.getByRole('button', { name: 'Switch on' }).waitFor();
        await reader.checkAccess();
        await reader.hand.press(row.getByRole('button', { name: 'Remove' }));
        const question = page.getByRole('dialog', { name: `Remove the repository ${name}?` });
        await reader.hand.press(question.getByRole('button', { name: 'Remove the repository' }));
        await row.waitFor({ state: 'detached' });
        assert.ok(!(await admin.get('/admin/repositories')).text.includes(name));
    });
});

test('the artifact store says what it holds and is cleaned up after a question', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAsAdmin(reader, '/admin/panel/store');
        await page.getByText(path.join(farm.folder, 'state')).first().waitFor();
        await reader.checkAccess();
        await reader.hand.press(named(page, 'Clean up now'));
        const question = page.getByRole('dialog', { name: 'Clean up the artifact store?' });
        await reader.hand.press(question.getByRole('button', { name: 'Clean up' }));
        await page.locator('.told.tone-good').waitFor();
    });
});

test('statistics are shown for a chosen span, by server, architecture and user', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAsAdmin(reader, '/dashboard/statistics');
        await reader.hand.press(page.getByRole('link', { name: '90 days' }));
        await page.waitForURL(/days=90/);
        const table = name => page.getByRole('table', { name });
        await table('By user').getByText('alice').waitFor();
        await table('By architecture').getByText('aarch64').waitFor();
        await table('By server').getByText(server.url).waitFor();
        await page.getByRole('img', { name: /Builds a day/ }).waitFor();
        await reader.checkAccess();
    });
});

test('background tasks, plugins, the audit trail and settings can be read', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAsAdmin(reader, '/admin');
        const part = async (name, text) => {
            await reader.hand.press(page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name }));
            await page.getByRole('heading', { level: 1, name }).waitFor();
            await page.getByRole('main').getByText(text).first().waitFor();
            await reader.checkAccess();
        };
        await page.getByText(/default password/).first().waitFor();
        await part('Background tasks', /dispatch|queue/i);
        await part('Plugins', /leastload/);
        await reader.hand.press(page.locator('.card', { hasText: 'scheduler leastload' }).getByText('Options'));
        await page.getByText('queueWeight').first().waitFor();
        await part('Audit trail', /login/);
        await part('Settings', 'follow.statusInterval');
        await rowOf(page, 'follow.statusInterval').getByText('100ms').waitFor();
    });
});

test('people who are no administrators are told so', async () => {
    await inEveryWay(farm, async reader => {
        await reader.signedInAs('alice', kPassword);
        reader.expects(403);
        const page = await reader.go('/admin');
        assert.equal(await page.getByRole('link', { name: 'Admin' }).count(), 0);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await reader.checkAccess();
    });
});
