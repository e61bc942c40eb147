// Draws the description of the API. Tokens typed into the page stay in its memory.
const root = document.getElementById("swagger-ui");
window.SwaggerUIBundle({ url: root.dataset.schema, domNode: root, deepLinking: true, persistAuthorization: false, validatorUrl: null });
