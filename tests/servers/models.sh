# A model server of others, the npm package @copilotkit/aimock: its tests start it themselves.

start_models() {
    has_node || skip "Node.js and npm, which a model server of others needs, are not installed"
    if ! install_from_npm @copilotkit/aimock@1; then
        tail -n 3 "$folder/$part.npm.log"
        skip "The npm package @copilotkit/aimock cannot be installed"
    fi
    tell INSIGHTS_TEST_MODEL_SERVER "$folder/$part/node_modules/.bin/llmock"
}
