// SPDX-License-Identifier: MIT
// Shows /openapi.json with Swagger UI. Nothing leaves this farm: no validator badge, no outside address.
window.addEventListener('DOMContentLoaded', () => {
    window.SwaggerUIBundle({
        url: '/openapi.json',
        dom_id: '#api',
        deepLinking: true,
        docExpansion: 'list',
        defaultModelsExpandDepth: -1,
        validatorUrl: null,
        presets: [window.SwaggerUIBundle.presets.apis],
    });
});
