# Redmine 5 of Debian's packages, as an instance of its own on a copy of the empty SQLite database that they set up.

redmine=/usr/share/redmine
redmine_packages="redmine redmine-sqlite puma"
redmine_database=/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default

start_redmine() {
    local at=$folder/$part port
    [ "$(id -u)" = 0 ] || skip "Redmine is set up by root alone"
    if ! are_installed $redmine_packages && can_install; then
        starts_no_services || skip "Redmine would be installed with its services running (no policy-rc.d)"
        install_packages $redmine_packages || mend_redmine || tail -n 3 "$folder/$part.apt.log"
    fi
    are_installed $redmine_packages || skip "Redmine is not installed (Debian's packages: $redmine_packages)"
    [ -f "$redmine_database" ] || skip "Redmine is set up on another database than SQLite"
    port=$(free_port)
    mkdir -p "$at"/{config,files,log,public,tmp/cache}
    cp "$redmine_database" "$at/sqlite"
    printf 'production: {adapter: sqlite3, database: "%s", timeout: 10000}\n' "$at/sqlite" >"$at/config/database.yml"
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$at/config/secret_key.txt"
    cp tests/servers/redmine_setup.rb "$at/"
    chown -R www-data: "$at"
    (as_redmine bundle exec rails runner "$at/redmine_setup.rb") >"$at/key" 2>>"$folder/$part.log"
    background as_redmine puma -e production -b "tcp://127.0.0.1:$port" -w 0 -t 1:4 config.ru
    listens "$port"
    tell INSIGHTS_TEST_REDMINE "http://127.0.0.1:$port"
    tell INSIGHTS_TEST_REDMINE_KEY "$(tail -n 1 "$at/key")"
}

# Some versions of bundler hold a gem for deleted whose folder is absent, as are those that Debian's packages leave
# empty: the package's own set-up fails on them.
mend_redmine() {
    {
        ruby -e 'Gem::Specification.each { |gem| puts gem.full_gem_path unless gem.default_gem? }' | xargs mkdir -p &&
            DEBIAN_FRONTEND=noninteractive dpkg --configure redmine
    } >>"$folder/$part.apt.log" 2>&1
}

# An instance's name is the path of its folder below /usr/share/redmine/instances, a link to /var/lib/redmine.
as_redmine() {
    cd "$redmine"
    as_www_data REDMINE_INSTANCE="../../../..$folder/$part" RAILS_ENV=production "$@"
}
