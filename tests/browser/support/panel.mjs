// SPDX-License-Identifier: MIT
// What tests of the admin panel have in common.

import { Farm } from './farm.mjs';
import { FakeServer } from './fake_server.mjs';
import { addHistory } from './history.mjs';

export const kPassword = 'a long password';

/** A farm with one server and alice, who has built before; `admin` speaks its API. */
export async function makePanelFarm() {
    const server = await FakeServer.start('x86_64', 2);
    const farm = await Farm.start({ x86_64: [server.url] });
    await (await farm.as('admin', 'admin123')).addUser('alice', kPassword);
    await addHistory(farm, { user: 'alice', count: 30, server: server.url });
    return { server, farm, admin: await farm.as('admin', 'admin123') };
}

export async function openAsAdmin(reader, target) {
    await reader.signedInAs('admin', 'admin123');
    return reader.go(target);
}

export const rowOf = (page, name) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader').getByText(name, { exact: true }) });
export const named = (page, name) => page.getByRole('button', { name });
export const dialog = page => page.getByRole('dialog');
