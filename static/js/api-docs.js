// Draws the description of the API. Tokens typed into the page stay in its memory.
const root = document.getElementById("swagger-ui");
// Swagger UI puts a link into the button that unfolds an operation; the button alone says and does the same, and the address still follows.
const plainNames = ({ React }) => ({ components: { DeepLink: ({ text }) => React.createElement("span", null, text) } });
window.SwaggerUIBundle({
  url: root.dataset.schema, domNode: root, deepLinking: true, persistAuthorization: false, validatorUrl: null, plugins: [plainNames],
});
