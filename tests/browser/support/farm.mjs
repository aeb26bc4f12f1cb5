// SPDX-License-Identifier: MIT
// The real daemon in a folder of its own, with short intervals, so that tests wait for events and not for clocks.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { Api } from './api.mjs';
import { buildFolder, eventually, webFolder } from './environment.mjs';
import { Program, temporaryFolder } from './program.mjs';

export class Farm {
    /** `servers`: architecture to list of addresses. */
    static async start(servers, properties = {}) {
        const farm = new Farm();
        farm.folder = temporaryFolder('farm');
        farm.properties = properties;
        farm.setServers(servers);
        await farm.start();
        await farm.as('admin', 'admin123');
        return farm;
    }

    setServers(servers) {
        writeFileSync(path.join(this.folder, 'apb.json'), JSON.stringify({ servers }));
    }

    get database() {
        return path.join(this.folder, 'state/farm.db');
    }

    async start() {
        this.writeProperties();
        const portFile = path.join(this.folder, 'port');
        rmSync(portFile, { force: true });
        this.program = new Program(path.join(buildFolder, 'bin/apb-farm'),
            ['--port', String(this.port ?? 0), '--port-file', portFile, '--config', path.join(this.folder, 'apb.json'),
                '--properties', path.join(this.folder, 'farm.properties')],
            path.join(this.folder, 'farm.log'));
        this.port = await this.program.port(portFile);
        this.url = `http://127.0.0.1:${this.port}`;
        this.guest = new Api(this.url);
    }

    stop() {
        return this.program.stop();
    }

    writeProperties() {
        mkdirSync(path.join(this.folder, 'state'), { recursive: true, mode: 0o700 });
        const all = {
            'http.host': '127.0.0.1',
            'state.directory': path.join(this.folder, 'state'),
            'database.path': this.database,
            'plugins.dir': path.join(buildFolder, 'plugins'),
            'web.directory': webFolder,
            'auth.local.iterations': '10000',
            'limits.submissionsPerMinute': '1000000',
            'follow.statusInterval': '100ms',
            'follow.logInterval': '50ms',
            'follow.probeInterval': '200ms',
            'settle.notFoundGap': '300ms',
            'dispatch.interval': '1s',
            ...this.properties,
        };
        const lines = Object.entries(all).map(([key, value]) => `${key} = ${value}\n`);
        writeFileSync(path.join(this.folder, 'farm.properties'), lines.join(''));
    }

    /** Signed in over the HTTP API; waits for the account that the first start makes. */
    as(username, password) {
        return eventually(`${username} logs in`, async () => {
            const answer = await this.guest.post('/auth/login', { username, password }).catch(() => null);
            return answer?.status === 200 && new Api(this.url, answer.body.token);
        });
    }

    /** Statements for a database that no farm has open. */
    async whileStopped(sql) {
        await this.stop();
        execFileSync('sqlite3', [this.database], { input: sql });
        await this.start();
    }
}
