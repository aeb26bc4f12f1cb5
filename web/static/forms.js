// SPDX-License-Identifier: MIT
// Buttons and forms that change something: they send what the farm's HTTP API takes, and say what came of it.
//
// A form with `data-to` is sent there by the method in `data-method`, as JSON, or with `data-as="form"` as a form. A button with `data-opens` opens a
// dialog; its `data-set-name` fills the dialog's `data-slot="name"`, and its `data-to` is where the dialog's form goes.

import { ownHeaders } from './own_request.js';

export function tell(text, isBad = false) {
    const told = document.getElementById('told');
    told.textContent = text;
    told.className = `message told ${isBad ? 'tone-bad' : 'tone-good'}`;
    told.hidden = false;
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => { told.hidden = true; }, 12000);
}

/** What is wrong, in a sentence, from any error of the farm. */
export function reasonOf(body, status) {
    const detail = body?.detail ?? body?.message ?? body?.error;
    return typeof detail === 'string' ? detail : detail?.message ?? `The farm answered ${status}.`;
}

/** Sends JSON, or nothing; answers what came back, or throws an Error with a sentence and the `fields` that are wrong. */
export async function send(method, address, value) {
    const headers = ownHeaders();
    const isForm = value instanceof FormData;
    if (value !== undefined && !isForm)
        headers['Content-Type'] = 'application/json';
    let answer;
    try {
        answer = await fetch(address, { method, headers, body: value === undefined || isForm ? value : JSON.stringify(value) });
    } catch {
        throw new Error('The farm does not answer. Nothing was changed.');
    }
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok)
        throw Object.assign(new Error(reasonOf(body, answer.status)), { fields: body.fields ?? [] });
    return body;
}

function valueOf(field) {
    if (field.type === 'checkbox')
        return field.checked;
    if (field.type === 'number')
        return field.value === '' ? undefined : Number(field.value);
    if (field.value === '' && field.dataset.empty === 'null')
        return null;
    return field.value === '' && field.dataset.empty === 'skip' ? undefined : field.value;
}

function valuesOf(form) {
    const values = {};
    for (const field of form.elements)
        if (field.name && !field.disabled && (field.type !== 'radio' || field.checked))
            values[field.name] = valueOf(field);
    return Object.keys(values).length > 0 ? values : undefined;
}

function showProblems(form, fields) {
    for (const old of form.querySelectorAll('.problem'))
        old.remove();
    for (const field of form.elements) {
        field.removeAttribute('aria-invalid');
        field.removeAttribute('aria-describedby');
    }
    for (const { field, message } of fields) {
        const input = form.elements[field];
        if (!(input instanceof HTMLElement))
            continue;
        const problem = document.createElement('p');
        problem.className = 'problem';
        problem.id = `${input.id || field}-problem`;
        problem.textContent = message;
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', problem.id);
        input.after(problem);
    }
    form.querySelector('[aria-invalid]')?.focus();
}

async function submitted(form, button) {
    const { to, method = 'POST', then, done } = form.dataset;
    if (button)
        button.disabled = true;
    try {
        const body = await send(method, to, form.dataset.as === 'form' ? new FormData(form) : valuesOf(form));
        showProblems(form, []);
        form.closest('dialog')?.close();
        if (then)
            return location.assign(then.replace('BUILD', encodeURIComponent(body.build_id ?? '')));
        tell(done ?? body.message ?? 'Done.', body.success === false);
        if (form.dataset.reset !== undefined)
            form.reset();
        document.dispatchEvent(new CustomEvent('farm:changed', { detail: body }));
    } catch (problem) {
        showProblems(form, problem.fields ?? []);
        tell(problem.message, true);
    } finally {
        if (button)
            button.disabled = false;
    }
}

function open(button) {
    const dialog = document.getElementById(button.dataset.opens);
    for (const [name, value] of Object.entries(button.dataset)) {
        if (!name.startsWith('set'))
            continue;
        const slot = name.slice(3).toLowerCase();
        for (const element of dialog.querySelectorAll(`[data-slot="${slot}"]`))
            element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
                ? element.value = value : element.textContent = value;
    }
    const form = dialog.querySelector('form[data-method]');
    if (form && button.dataset.to)
        form.dataset.to = button.dataset.to;
    if (form)
        showProblems(form, []);
    dialog.showModal();
}

function showButtons() {
    for (const button of document.querySelectorAll('[data-opens][hidden], [data-script][hidden]'))
        button.hidden = false;
}

document.addEventListener('click', event => {
    const opens = event.target.closest('[data-opens]');
    if (opens)
        open(opens);
    if (event.target.closest('[data-closes]'))
        event.target.closest('dialog').close();
});
document.addEventListener('submit', event => {
    const form = event.target;
    if (form.dataset.to === undefined)
        return;
    event.preventDefault();
    submitted(form, event.submitter);
});
document.addEventListener('change', event => {
    const form = event.target.form;
    if (form?.dataset.onchange !== undefined)
        form.requestSubmit();
});
/** Fills a form with what the farm has, for settings that the page was not made with. */
async function load(form) {
    const answer = await fetch(form.dataset.load, { cache: 'no-store' });
    const values = answer.ok ? await answer.json() : null;
    if (!answer.ok)
        tell('These settings cannot be read; is the plugin that keeps them loaded?', true);
    for (const [name, value] of Object.entries(values ?? {})) {
        const field = form.elements[name];
        if (field instanceof HTMLInputElement)
            field.type === 'checkbox' ? field.checked = Boolean(value) : field.value = value ?? '';
    }
}

document.addEventListener('farm:swapped', showButtons);
showButtons();
for (const form of document.querySelectorAll('form[data-load]'))
    load(form);
