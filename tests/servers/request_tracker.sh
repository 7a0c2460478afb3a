# Request Tracker 5 of Debian's packages, on a copy of the empty SQLite database that they set up.

request_tracker=/usr/share/request-tracker5/libexec/rt-server
request_tracker_packages="request-tracker5 rt5-db-sqlite rt5-standalone"
request_tracker_database=/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb

start_request_tracker() {
    local at=$folder/$part port
    [ "$(id -u)" = 0 ] || skip "Request Tracker is set up by root alone"
    if ! are_installed $request_tracker_packages && can_install; then
        starts_no_services || skip "Request Tracker would be installed with its services running (no policy-rc.d)"
        install_packages $request_tracker_packages || tail -n 3 "$folder/$part.apt.log"
    fi
    are_installed $request_tracker_packages ||
        skip "Request Tracker is not installed (Debian's packages: $request_tracker_packages)"
    [ -f "$request_tracker_database" ] || skip "Request Tracker is set up on another database than SQLite"
    port=$(free_port)
    mkdir -p "$at"/{mason/obj,mason/cache,sessions,no-more-settings,tmp}
    cp "$request_tracker_database" "$at/rtdb"
    set_root_password "$at/rtdb" password
    request_tracker_settings "$at" "$port" >"$at/RT_SiteConfig.pm"
    chown -R www-data: "$at"
    background as_www_data RT_SITE_CONFIG="$at/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$at/no-more-settings" \
        TMPDIR="$at/tmp" perl "$request_tracker" --host 127.0.0.1 --port "$port" --max-workers 2
    listens "$port"
    tell INSIGHTS_TEST_RT "http://127.0.0.1:$port"
}

# As a plain hash, which Request Tracker replaces by one of the cost in its settings at the first login: a third of a
# second for each call otherwise.
set_root_password() {
    .venv/bin/python - "$@" <<'PYTHON'
import base64, hashlib, sqlite3, sys

salt = "of-these-tests"
digest = base64.b64encode(hashlib.sha512((salt + sys.argv[2]).encode()).digest()).decode().rstrip("=")
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("UPDATE Users SET Password = ? WHERE Name = 'root'", [f"!sha512!{salt}!{digest}"])
PYTHON
}

request_tracker_settings() {
    cat <<SETTINGS
Set(\$rtname, 'insights');
Set(\$Organization, 'insights');
Set(\$WebPath, '');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $2);
Set(\$WebBaseURL, 'http://127.0.0.1:$2');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$1/rtdb');
Set(\$Timezone, 'UTC');
Set(\$BcryptCost, 4);
Set(\$MailCommand, 'testfile');
Set(\$LogToSTDERR, 'warning');
Set(\$LogToSyslog, undef);
Set(\$MasonDataDir, '$1/mason');
Set(\$WebSessionClass, 'Apache::Session::File');
Set(\$MasonSessionDir, '$1/sessions');
1;
SETTINGS
}
