// SPDX-License-Identifier: MIT
// Accounts in the admin panel, by mouse and by keyboard.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { inEveryWay } from './support/browser.mjs';
import { eventually } from './support/environment.mjs';
import { dialog, kPassword, makePanelFarm, named, openAsAdmin, rowOf } from './support/panel.mjs';

let farm, admin;
let count = 0;

before(async () => {
    ({ farm, admin } = await makePanelFarm());
});

async function userNamed(name) {
    const answer = await admin.must('GET', '/auth/users');
    return (answer.users ?? answer).find(user => user.username === name);
}

test('accounts are made, and mistakes in the form are shown beside the fields', async () => {
    await inEveryWay(farm, async reader => {
        const name = `maker${++count}`;
        reader.expects(400, 409);
        const page = await openAsAdmin(reader, '/admin');
        await reader.hand.press(page.getByRole('link', { name: 'Users' }));
        const form = page.getByRole('region', { name: 'New user' });
        const fill = async username => {
            await reader.hand.write(form.getByLabel('User name'), username);
            await reader.hand.write(form.getByLabel('Password'), kPassword);
            await reader.hand.write(form.getByLabel('E-mail'), `${name}@example.org`);
            await reader.hand.choose(form.getByLabel('Role'), 'admin');
            await reader.hand.press(form.getByRole('button', { name: 'Make the account' }));
        };
        await fill('alice');
        await page.locator('.told.tone-bad').waitFor();
        await reader.checkAccess();
        await fill(name);
        await page.getByText('The account is made.').waitFor();
        await rowOf(page, name).getByText(`${name}@example.org`).waitFor();
        assert.equal((await userNamed(name)).role, 'admin');
        await reader.checkAccess();
    });
});

test('role, address and sessions of an account are changed after a question', async () => {
    await inEveryWay(farm, async reader => {
        const name = `changed${++count}`;
        await admin.addUser(name, kPassword);
        const session = await farm.as(name, kPassword);
        const page = await openAsAdmin(reader, '/admin/panel/users');
        await reader.hand.press(named(page, `Make admin: ${name}`));
        await dialog(page).getByText(name).first().waitFor();
        await reader.checkAccess();
        await reader.hand.press(dialog(page).getByRole('button', { name: 'Change the role' }));
        await rowOf(page, name).getByText('admin', { exact: true }).waitFor();
        await reader.hand.press(named(page, `E-mail address of ${name}`));
        await reader.hand.write(dialog(page).getByLabel('Address'), `${name}@new.example.org`);
        await reader.hand.press(dialog(page).getByRole('button', { name: 'Save' }));
        await rowOf(page, name).getByText(`${name}@new.example.org`).waitFor();
        assert.equal((await session.get('/auth/me')).status, 200);
        await reader.hand.press(named(page, `End sessions of ${name}`));
        await reader.hand.press(dialog(page).getByRole('button', { name: 'End the sessions' }));
        await eventually('the sessions have ended', async () => (await session.get('/auth/me')).status === 401);
        const { role, email } = await userNamed(name);
        assert.deepEqual([role, email], ['admin', `${name}@new.example.org`]);
    });
});

test('an account is deleted only after a dialog that names it', async () => {
    await inEveryWay(farm, async reader => {
        const name = `doomed${++count}`;
        await admin.addUser(name, kPassword);
        const page = await openAsAdmin(reader, '/admin/panel/users');
        const remove = named(page, `Delete ${name}`);
        await reader.hand.press(remove);
        const question = page.getByRole('dialog', { name: `Delete the user ${name}?` });
        await question.waitFor();
        await reader.checkAccess();
        await page.keyboard.press('Escape');
        await question.waitFor({ state: 'hidden' });
        assert.ok(await userNamed(name));
        await reader.hand.press(remove);
        await reader.hand.press(question.getByRole('button', { name: 'Delete the account' }));
        await rowOf(page, name).waitFor({ state: 'detached' });
        assert.equal(await userNamed(name), undefined);
    });
});

test('the builds of a user are one step away', async () => {
    await inEveryWay(farm, async reader => {
        const page = await openAsAdmin(reader, '/admin/panel/users');
        await reader.hand.press(page.getByRole('link', { name: 'alice', exact: true }));
        await page.waitForURL(/\/dashboard\/builds\?user=alice/);
        assert.equal(await page.locator('tbody tr').count(), 20);
    });
});
