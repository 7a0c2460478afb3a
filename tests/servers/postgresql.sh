# A PostgreSQL of its own, for tests/storage, a backup and an erasure.

start_postgresql() {
    local at=$folder/$part port
    find_postgresql
    if [ -z "$postgresql" ] && can_install; then
        install_packages postgresql || tail -n 3 "$folder/$part.apt.log"
        find_postgresql
    fi
    [ -n "$postgresql" ] || skip "PostgreSQL is not installed (Debian's package: postgresql)"
    port=$(free_port)
    mkdir "$at"
    if [ "$(id -u)" = 0 ]; then chown postgres "$at"; fi
    as_owner "$postgresql/initdb" -D "$at/data" -U insights --auth=trust >/dev/null
    as_owner "$postgresql/pg_ctl" -D "$at/data" -w -l "$at/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$at" start >/dev/null
    tell INSIGHTS_TEST_DATABASE_URL "postgresql+pg8000://insights@127.0.0.1:$port/postgres"
}

stop_postgresql() {
    if [ -d "$folder/postgresql/data" ]; then
        find_postgresql
        as_owner "$postgresql/pg_ctl" -D "$folder/postgresql/data" -m immediate stop >/dev/null 2>&1 || true
    fi
}

find_postgresql() { postgresql=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true); }
as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
