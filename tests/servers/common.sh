# What the parts of `run` share. A part starts in a subshell of its own: `$folder` is the run's temporary folder,
# `$part` the part's name, and its files are in `$folder/$part*`.

skip() {
    echo "$*; the tests that need it are skipped."
    exit 0
}

free_port() {
    .venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A second try: a registry that is busy for a moment is no reason to skip.
twice() { "$@" || { sleep 5 && "$@"; }; }

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# Debian's packages start what they bring, unless this policy forbids it, as it does in containers.
starts_no_services() {
    local code=0
    /usr/sbin/policy-rc.d some-service start >/dev/null 2>&1 || code=$?
    [ "$code" = 101 ]
}

are_installed() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || return 1
    done
}

install_packages() {
    twice apt-get update -qq >>"$folder/$part.apt.log" 2>&1 || return
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$folder/$part.apt.log" 2>&1
}

install_from_npm() {
    twice npm install --prefix "$folder/$part" --no-audit --no-fund --silent "$@" >"$folder/$part.npm.log" 2>&1
}

has_node() { command -v node >/dev/null && command -v npm >/dev/null; }

# Becomes a command of the user www-data; each NAME=VALUE before it is for its environment.
as_www_data() { exec setpriv --reuid=www-data --regid=www-data --clear-groups env HOME="$folder/$part" "$@"; }

# Runs a command until the run ends.
background() {
    ("$@") >>"$folder/$part.log" 2>&1 &
    server=$!
    echo "$server" >>"$folder/servers"
}

# Ends a process of `background`, in ten seconds at the latest. In a trap, a bare `return` would give the trap's status.
end() {
    local tries
    kill "$1" 2>/dev/null || return 0
    for tries in $(seq 1 100); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -9 "$1" 2>/dev/null || true
}

# Waits until something listens on the port; not longer than the process that `background` started lives.
listens() {
    local port=$1 tries
    for tries in $(seq 1 240); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
        if ! kill -0 "$server" 2>/dev/null; then break; fi
        sleep 0.5
    done
    tail -n 20 "$folder/$part.log"
    echo "The server of $part did not start (try $tries)."
    return 1
}

# A variable that tells the tests of this part where its server is.
tell() { echo "export $1=$2" >>"$folder/$part.variables"; }
