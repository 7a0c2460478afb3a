# Vendors' own descriptions of their APIs, served so that a right call is answered and a wrong one refused: those of
# Intercom, Asana and Linear from tests/servers/descriptions, GitHub's from npm.

start_descriptions() {
    local at=$folder/$part
    has_node || skip "Node.js and npm, which serve vendors' descriptions, are not installed"
    if ! install_from_npm @stoplight/prism-cli@5 graphql@16 @graphql-tools/mock@9; then
        tail -n 3 "$folder/$part.npm.log"
        skip "The npm packages that serve vendors' descriptions cannot be installed"
    fi
    cp tests/servers/*.mjs "$at/"
    serve openapi INTERCOM tests/servers/descriptions/intercom.yaml
    serve openapi ASANA tests/servers/descriptions/asana.yaml
    serve graphql LINEAR tests/servers/descriptions/linear.graphql
    if unpack_from_npm @octokit/openapi@23 generated/api.github.com.json; then
        serve openapi GITHUB "$at/api.github.com.json"
    else
        echo "The npm package @octokit/openapi cannot be had; the tests on GitHub's description are skipped."
    fi
    if unpack_from_npm @octokit/graphql-schema@15 schema.graphql; then
        serve graphql GITHUB_GRAPHQL "$at/schema.graphql"
    else
        echo "The npm package @octokit/graphql-schema cannot be had; the tests on GitHub's schema are skipped."
    fi
}

serve() {
    local port
    port=$(free_port)
    background node "$folder/$part/$1_server.mjs" "$3" "$port"
    listens "$port"
    tell "INSIGHTS_TEST_$2" "http://127.0.0.1:$port"
}

# One file of a package: GitHub's is of 13 MB in 390.
unpack_from_npm() {
    local at=$folder/$part/package
    mkdir -p "$at"
    twice npm pack --silent --pack-destination "$at" "$1" >>"$folder/$part.npm.log" 2>&1 || return
    tar -xzf "$at"/*.tgz -C "$at" --strip-components=1 "package/$2" && mv "$at/$2" "$folder/$part/" && rm -rf "$at"
}
