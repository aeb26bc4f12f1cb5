// SPDX-License-Identifier: MIT
// A farm on a usual day: several servers, builds that run, wait, failed and went well, a past.

import { Farm } from './farm.mjs';
import { FakeServer } from './fake_server.mjs';
import { addHistory } from './history.mjs';
import { pkgbuild } from './packages.mjs';

export const kPassword = 'a long password';
const names = ['zlib', 'openssl', 'curl', 'bash', 'coreutils', 'git', 'python-requests', 'tree', 'xz', 'nano'];

/** What makepkg says, until it is told that something fails. */
function logOf(name, files) {
    return [
        `\x1b[1m\x1b[32m==>\x1b[0m\x1b[1m Making package: ${name} 1.0-1\x1b[0m`,
        '==> Checking runtime dependencies...', '==> Checking buildtime dependencies...', '==> Retrieving sources...',
        `  -> Found ${name}-1.0.tar.gz`, '==> Validating source files with sha256sums...',
        `    ${name}-1.0.tar.gz ... Passed`, '==> Extracting sources...', `  -> Extracting ${name}-1.0.tar.gz with bsdtar`,
        '==> Starting build()...', 'checking for gcc... gcc', 'checking whether the C compiler works... yes',
        ...Array.from({ length: files }, (_, index) => `  CC       src/${name}_${String(index).padStart(2, '0')}.o`),
    ];
}

export async function makeBusyFarm() {
    const server = await FakeServer.start('x86_64', 2);
    const second = await FakeServer.start('x86_64', 3);
    const arm = await FakeServer.start('aarch64', 2);
    const away = await FakeServer.start('powerpc64le', 1);
    const farm = await Farm.start({ x86_64: [server.url, second.url], aarch64: [arm.url], powerpc64le: [away.url] });
    const first = await farm.as('admin', 'admin123');
    await first.addUser('alice', kPassword);
    await first.addUser('bob', kPassword);
    await addHistory(farm, { user: 'alice', count: 200, server: second.url, packages: names });
    const api = { admin: await farm.as('admin', 'admin123'), alice: await farm.as('alice', kPassword), bob: await farm.as('bob', kPassword) };
    const submit = async (user, name, architecture = 'x86_64') =>
        api[user].submit(name, { text: pkgbuild(name, { architectures: `'${architecture}'` }) });
    const whereIs = async build => {
        await api.admin.waitForStatus(build, 'building');
        return [server, second, arm].find(candidate => candidate.builds.has(build));
    };

    const failed = await submit('alice', 'tree');
    const at = await whereIs(failed);
    at.log(failed, ...logOf('tree', 30), "\x1b[31msrc/tree.c:214:9: error: 'dirs' undeclared (first use in this function)\x1b[0m",
        "  214 |     if (dirs > 0)", '      |         ^~~~', 'make: *** [Makefile:42: src/tree.o] Error 1',
        '==> ERROR: A failure occurred in build().', '    Aborting...');
    at.finish(failed, 'failed');
    await api.alice.waitForEnd(failed);
    await second.goDown();
    second.isRecreating = true;
    await second.comeUp();
    const running = await submit('bob', 'curl');
    (await whereIs(running)).log(running, ...logOf('curl', 60));
    await whereIs(await submit('admin', 'git', 'aarch64'));
    for (const name of ['openssl', 'bash', 'coreutils', 'python-requests', 'xz', 'nano'])
        await submit(name.length > 4 ? 'alice' : 'bob', name);
    await away.goDown();
    return { farm, running, failed };
}
