// SPDX-License-Identifier: MIT
// The submit page: files from a drop or a choice, what the farm reads in them, the upload and where it leads.

import { reasonOf, tell } from './forms.js';
import { ownHeaders } from './own_request.js';

/** Larger uploads are not sent twice only to be looked into. */
const kMostForPreview = 32 << 20;

const byId = id => document.getElementById(id);
const isTarball = name => /\.(tar(\.(gz|bz2|xz|zst|lz4))?|tgz|txz|src\.tar\..+)$/i.test(name);
const isSkipped = path => /(^|\/)(\.git|src|pkg)\//.test(path) || /\.(pkg\.tar\.[a-z0-9]+|log)$/.test(path);

let chosen = [];

function sizeText(bytes) {
    for (const unit of ['B', 'KiB', 'MiB']) {
        if (bytes < 1024)
            return `${unit === 'B' ? bytes : bytes.toFixed(1)} ${unit}`;
        bytes /= 1024;
    }
    return `${bytes.toFixed(1)} GiB`;
}

/** The form of the HTTP API; null when the files are none that make a package. */
function formOf(files) {
    const form = new FormData();
    if (files.length === 1 && isTarball(files[0].name)) {
        form.append('build_tarball', files[0], files[0].name);
        return form;
    }
    const pkgbuild = files.find(file => file.name === 'PKGBUILD');
    if (!pkgbuild)
        return null;
    form.append('pkgbuild', pkgbuild, 'PKGBUILD');
    for (const file of files)
        if (file !== pkgbuild)
            form.append('sources', file, file.name);
    return form;
}

function post(address, form, progress = () => {}) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', address);
        for (const [name, value] of Object.entries(ownHeaders()))
            request.setRequestHeader(name, value);
        request.setRequestHeader('Accept', 'application/json');
        request.upload.addEventListener('progress', event => event.lengthComputable && progress(event.loaded / event.total));
        request.addEventListener('error', () => reject(new Error('The farm does not answer. Nothing was submitted.')));
        request.addEventListener('load', () => {
            let body = {};
            try {
                body = JSON.parse(request.responseText);
            } catch {
                // said by the status
            }
            if (request.status === 200)
                resolve(body);
            else
                reject(new Error(reasonOf(body, request.status)));
        });
        request.send(form);
    });
}

function fact(list, name, value) {
    const term = document.createElement('dt');
    term.textContent = name;
    const said = document.createElement('dd');
    said.textContent = value;
    list.append(term, said);
}

function choice(name, isAvailable) {
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.name = 'architecture';
    box.value = name;
    box.disabled = !isAvailable;
    label.append(box, ` ${name}${isAvailable ? '' : ' (no server)'}`);
    return label;
}

function showPackage(read) {
    const facts = byId('package-facts');
    facts.replaceChildren();
    fact(facts, 'Package', read.pkgname);
    if (read.pkgnames.length > 1)
        fact(facts, 'Made of', read.pkgnames.join(', '));
    fact(facts, 'Version', read.version || 'known when it is built');
    fact(facts, 'Architectures', read.architectures.join(', '));
    byId('package-warnings').replaceChildren(...read.warnings.map(text => {
        const warning = document.createElement('p');
        warning.className = 'message tone-warn';
        warning.textContent = text;
        return warning;
    }));
    const isAny = read.architectures.includes('any');
    byId('architectures').hidden = isAny;
    byId('architectures').querySelector('.choices').replaceChildren(
        ...(isAny ? [] : read.architectures.map(name => choice(name, read.available_architectures.includes(name)))));
}

async function take(files) {
    chosen = files.filter(file => !isSkipped(file.webkitRelativePath || file.name));
    byId('result').replaceChildren();
    byId('package').hidden = true;
    const form = formOf(chosen);
    const bytes = chosen.reduce((sum, file) => sum + file.size, 0);
    if (!form) {
        byId('chosen').textContent = 'There is no PKGBUILD among these files, and they are no single tarball.';
        return;
    }
    byId('chosen').textContent = `${chosen.length === 1 ? chosen[0].name : `${chosen.length} files`}, ${sizeText(bytes)}`;
    if (bytes <= kMostForPreview) {
        try {
            showPackage(await post('/submit/preview', form));
        } catch (problem) {
            byId('chosen').textContent = problem.message;
            return;
        }
    } else {
        byId('package-facts').replaceChildren();
        fact(byId('package-facts'), 'Package', 'too large to look into before it is submitted');
        byId('architectures').querySelector('.choices').replaceChildren(
            ...[...document.querySelectorAll('[data-available]')].map(item => choice(item.dataset.available, true)));
    }
    byId('package').hidden = false;
}

function showResult(answer) {
    const said = document.createElement('p');
    said.className = 'message tone-good';
    said.textContent = `${answer.message} `;
    for (const build of answer.builds ?? []) {
        const link = document.createElement('a');
        link.href = `/build/${encodeURIComponent(build.build_id)}/status`;
        link.textContent = `${build.pkgname} for ${build.arch}`;
        said.append(link, ' ');
    }
    byId('result').replaceChildren(said);
    byId('package').hidden = true;
    said.querySelector('a')?.focus();
}

async function submit() {
    const form = formOf(chosen);
    if (!form)
        return;
    const wanted = [...document.querySelectorAll('[name=architecture]:checked')].map(box => box.value);
    if (wanted.length > 0)
        form.append('architectures', wanted.join(','));
    if (byId('timeout')?.value)
        form.append('build_timeout', byId('timeout').value);
    const button = byId('package').querySelector('button');
    button.disabled = true;
    byId('upload').hidden = false;
    try {
        showResult(await post('/build', form, share => {
            byId('progress').value = share * 100;
            byId('progress-label').textContent = share < 1 ? `Upload: ${Math.floor(share * 100)} %` : 'Sent; the farm looks through it';
        }));
    } catch (problem) {
        tell(problem.message, true);
    } finally {
        button.disabled = false;
        byId('upload').hidden = true;
    }
}

async function filesOfEntry(entry, path = '') {
    if (entry.isFile)
        return isSkipped(path + entry.name) ? [] : [await new Promise((done, fail) => entry.file(done, fail))];
    const reader = entry.createReader();
    const files = [];
    for (;;) {
        const entries = await new Promise((done, fail) => reader.readEntries(done, fail));
        if (entries.length === 0)
            return files;
        for (const inner of entries)
            files.push(...await filesOfEntry(inner, `${path}${entry.name}/`));
    }
}

async function dropped(transfer) {
    const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
    if (entries.length === 0)
        return [...transfer.files];
    return (await Promise.all(entries.map(entry => filesOfEntry(entry)))).flat();
}

const drop = byId('drop');
for (const type of ['dragenter', 'dragover'])
    drop.addEventListener(type, event => {
        event.preventDefault();
        drop.classList.add('over');
    });
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', async event => {
    event.preventDefault();
    drop.classList.remove('over');
    take(await dropped(event.dataTransfer));
});
for (const id of ['files', 'folder'])
    byId(id).addEventListener('change', event => take([...event.target.files]));
byId('submit-form').addEventListener('submit', event => {
    event.preventDefault();
    submit();
});
