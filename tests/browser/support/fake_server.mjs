// SPDX-License-Identifier: MIT
// A build server in this process: builds get a slot as they come, log and end when the test says so.

import http from 'node:http';

import { eventually } from './environment.mjs';
import { pkgbuildIn } from './packages.mjs';

const kMissing = { detail: 'Build not found' };

async function formOf(request) {
    const chunks = [];
    for await (const chunk of request)
        chunks.push(chunk);
    const headers = { 'content-type': request.headers['content-type'] };
    return new Response(Buffer.concat(chunks), { headers }).formData();
}

export class FakeServer {
    static async start(architecture = 'x86_64', slots = 2, host = '127.0.0.1') {
        const server = new FakeServer();
        Object.assign(server, { host, architecture, slots, builds: new Map(), version: '2026-06-30', isRecreating: false });
        server.http = http.createServer((request, response) => server.serve(request, response));
        server.http.keepAliveTimeout = 0;
        server.http.unref();
        await server.comeUp();
        return server;
    }

    comeUp() {
        return new Promise(done => this.http.listen(this.port ?? 0, this.host, () => {
            this.port = this.http.address().port;
            this.url = `http://${this.host}:${this.port}`;
            done();
        }));
    }

    goDown() {
        this.http.closeAllConnections();
        return new Promise(done => this.http.close(done));
    }

    // What tests do with builds

    async waitFor(build) {
        await eventually(`the server has ${build}`, () => this.builds.get(build)?.status === 'building');
        return this.builds.get(build);
    }

    log(build, ...lines) {
        this.builds.get(build).log.push(...lines);
    }

    /** `files`: name to content. */
    finish(build, status, files = {}) {
        const record = this.builds.get(build);
        const log = `${record.log.join('\n')}\n`;
        Object.assign(record, {
            status, files: { ...files, 'build.log': log }, packages: Object.keys(files),
            exit_code: status === 'completed' ? 0 : 4, end_time: Date.now() / 1000,
        });
        this.startQueued();
    }

    /** Runs here without the farm having asked for it. */
    addForeign(build, pkgname, status = 'building') {
        this.builds.set(build, { pkgname, status, log: [], created_at: Date.now() / 1000, start_time: Date.now() / 1000 });
    }

    startQueued() {
        for (const record of this.builds.values())
            if (record.status === 'queued' && this.countOf('building') < this.slots)
                Object.assign(record, { status: 'building', start_time: Date.now() / 1000 });
    }

    countOf(status) {
        return [...this.builds.values()].filter(record => record.status === status).length;
    }

    // The protocol

    async serve(request, response) {
        const url = new URL(request.url, this.url);
        const [, word, build, rest, file] = url.pathname.split('/').map(decodeURIComponent);
        const known = this.builds.get(build);
        const answer = (status, body) => {
            response.writeHead(status, { 'content-type': typeof body === 'string' ? 'application/octet-stream' : 'application/json' });
            response.end(typeof body === 'string' ? body : JSON.stringify(body));
        };
        if (url.pathname === '/')
            return answer(200, this.info());
        if (url.pathname === '/builds/latest')
            return answer(200, this.latest());
        if (request.method === 'POST' && url.pathname === '/build')
            return answer(200, this.accept(await formOf(request)));
        if (word !== 'build' || !known)
            return answer(404, kMissing);
        if (rest === 'status-api')
            return answer(200, this.status(build, known));
        if (rest === 'output')
            return answer(200, this.output(known, url.searchParams));
        if (rest === 'cancel')
            return answer(200, this.cancel(known));
        return known.files?.[file] === undefined ? answer(404, { detail: 'File not found' }) : answer(200, known.files[file]);
    }

    info() {
        this.probes = (this.probes ?? 0) + 1;
        const running = [...this.builds].find(([, record]) => record.status === 'building');
        return {
            status: 'running', version: this.version, supported_architecture: this.architecture,
            system_info: {
                architecture: 'x86_64', uptime: this.uptime ?? '2 days, 5 hours, 30 minutes',
                cpu: { model: this.model ?? 'Unknown', cores: 8, usage_percent: 25.5, load_average: [0.5, 0.25, 0.125] },
                memory: { total: 16e9, available: 8e9, used: 8e9, percentage: 50.0 },
                disk: { total: 500e9, used: 100e9, free: 400e9, percentage: 20.0 },
            },
            queue_status: {
                current_builds_count: this.countOf('building'), queued_builds: this.countOf('queued'),
                max_concurrent_builds: this.slots, total_active_builds: this.builds.size, build_history_count: 0,
                current_build: running ? { build_id: running[0], pkgname: running[1].pkgname, status: 'building' } : null,
                buildroot_recreation_count: this.isRecreating ? 1 : 0, buildroot_recreation_builds: [],
                server_busy_with_buildroot: this.isRecreating,
            },
        };
    }

    accept(form) {
        const id = form.get('build_id');
        this.builds.set(id, { status: 'queued', log: [], created_at: Date.now() / 1000, arriving: form.get('build_tarball') });
        this.nameOf(id);
        this.startQueued();
        return { build_id: id, status: 'queued', message: 'Build queued successfully' };
    }

    async nameOf(id) {
        const record = this.builds.get(id);
        const text = pkgbuildIn(Buffer.from(await record.arriving.arrayBuffer()));
        record.pkgname ??= /^pkgname=['"]?([^'"\s]+)/m.exec(text)?.[1] ?? 'unknown';
    }

    status(id, record) {
        const list = names => names.map(filename => ({
            filename, size: Buffer.byteLength(record.files[filename]), download_url: `/build/${id}/download/${filename}`,
        }));
        const { status, pkgname = 'unknown', created_at, start_time, end_time, exit_code } = record;
        return {
            build_id: id, pkgname, status, created_at, start_time, end_time, exit_code, arch: [this.architecture],
            duration: end_time && end_time - start_time, packages: list(record.packages ?? []),
            logs: list(record.files ? ['build.log'] : []), build_timeout: 7200,
        };
    }

    output(record, query) {
        const start = Number(query.get('start_index') ?? 0);
        const output = record.log.slice(start, start + Number(query.get('limit') ?? 50));
        return { output, total_lines: record.log.length, start_index: start, returned_lines: output.length };
    }

    cancel(record) {
        const isRunning = record.status === 'queued' || record.status === 'building';
        if (isRunning)
            Object.assign(record, { status: 'cancelled', end_time: Date.now() / 1000 });
        this.startQueued();
        return { success: isRunning, message: isRunning ? 'Build cancelled successfully' : 'Build already finished' };
    }

    latest() {
        const builds = [...this.builds].reverse().map(([build_id, { pkgname, status }]) =>
            ({ build_id, pkgname, status, start_time: null, end_time: null, duration: 0 }));
        return { builds, total: builds.length };
    }
}
