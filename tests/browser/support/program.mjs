// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

import { eventually } from './environment.mjs';

const programs = [];
const folders = [];

after(async () => {
    await Promise.all(programs.map(program => program.stop()));
    for (const folder of folders)
        rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when the tests of this process are over. */
export function temporaryFolder(name) {
    folders.push(mkdtempSync(path.join(os.tmpdir(), `apb-browser-${name}-`)));
    return folders.at(-1);
}

/** A real program as a child; its output is in one file. It does not outlive the test process. */
export class Program {
    constructor(command, args, log) {
        this.log = log;
        const output = openSync(log, 'a');
        this.child = spawn(command, args, { stdio: ['ignore', output, output] });
        this.ended = new Promise(done => this.child.once('exit', done));
        process.on('exit', () => this.child.kill('SIGKILL'));
        programs.push(this);
    }

    /** The port that the program wrote into a file once it listens. */
    async port(file) {
        const port = await eventually('the program listens', () => {
            if (this.child.exitCode !== null || this.child.signalCode !== null)
                throw new Error(`the program ended; it said:\n${this.output()}`);
            return existsSync(file) && Number(readFileSync(file, 'utf8'));
        });
        return port;
    }

    output() {
        return readFileSync(this.log, 'utf8');
    }

    async stop() {
        this.child.kill('SIGTERM');
        await this.ended;
    }
}
