// SPDX-License-Identifier: MIT
import { eventually } from './environment.mjs';
import { pkgbuild, tarball } from './packages.mjs';

const kFinal = ['completed', 'failed', 'cancelled'];

/** The farm's HTTP API as one account uses it, or as a guest. */
export class Api {
    constructor(url, token) {
        this.url = url;
        this.token = token;
    }

    async call(method, target, body) {
        const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
        const isForm = body instanceof FormData;
        if (body !== undefined && !isForm)
            headers['Content-Type'] = 'application/json';
        const answer = await fetch(this.url + target, {
            method, headers, redirect: 'manual', body: body === undefined || isForm ? body : JSON.stringify(body),
        });
        const text = await answer.text();
        const isJson = answer.headers.get('content-type')?.includes('json');
        return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
    }

    get(target) {
        return this.call('GET', target);
    }

    post(target, body) {
        return this.call('POST', target, body);
    }

    async must(method, target, body) {
        const answer = await this.call(method, target, body);
        if (answer.status !== 200 && answer.status !== 201)
            throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
        return answer.body;
    }

    /** The id of the (first) build. */
    async submit(name, { architectures, text = pkgbuild(name), files = {} } = {}) {
        const form = new FormData();
        if (architectures)
            form.append('architectures', architectures);
        form.append('build_tarball', new Blob([tarball({ PKGBUILD: text, ...files })]), 'build.tar.gz');
        return (await this.must('POST', '/build', form)).build_id;
    }

    async statusOf(build) {
        return (await this.get(`/build/${build}/status-api`)).body?.status;
    }

    waitForEnd(build, limit = 120000) {
        return eventually(`build ${build} ends`, async () => {
            const status = await this.statusOf(build);
            return kFinal.includes(status) && status;
        }, limit);
    }

    waitForStatus(build, wanted) {
        return eventually(`build ${build} is ${wanted}`, async () => await this.statusOf(build) === wanted);
    }

    addUser(username, password, role = 'user', email = `${username}@example.org`) {
        return this.must('POST', '/auth/users', { username, password, role, email });
    }
}
