// SPDX-License-Identifier: MIT
import { chmodSync } from 'node:fs';
import path from 'node:path';

import { buildFolder } from './environment.mjs';
import { Program, temporaryFolder } from './program.mjs';

/** The real build server in a private folder; it listens. Its address. */
export async function startRealServer(architecture = 'x86_64') {
    const folder = temporaryFolder('server');
    chmodSync(folder, 0o711);   // the account that builds run as must be able to pass
    const program = new Program(path.join(buildFolder, 'bin/apb-server'),
        ['--host', '127.0.0.1', '--port', '0', '--port-file', path.join(folder, 'port'),
            '--builds-dir', path.join(folder, 'builds'), '--architecture', architecture],
        path.join(folder, 'server.log'));
    return `http://127.0.0.1:${await program.port(path.join(folder, 'port'))}`;
}
