# Dovecot of Debian's packages: an IMAP server with Maildir, where any name logs in with one password.

start_dovecot() {
    local at=$folder/$part port
    [ "$(id -u)" = 0 ] || skip "Dovecot is set up by root alone"
    if ! command -v dovecot >/dev/null && can_install; then
        starts_no_services || skip "Dovecot would be installed with its services running (no policy-rc.d)"
        install_packages dovecot-imapd || tail -n 3 "$folder/$part.apt.log"
    fi
    command -v dovecot >/dev/null || skip "Dovecot is not installed (Debian's package: dovecot-imapd)"
    port=$(free_port)
    mkdir -p "$at"/{run,state,mail}
    dovecot_settings "$at" "$port" >"$at/dovecot.conf"
    chown -R www-data: "$at/mail"
    background dovecot -F -c "$at/dovecot.conf"
    listens "$port"
    tell INSIGHTS_TEST_IMAP "$port"
}

dovecot_settings() {
    cat <<SETTINGS
protocols = imap
listen = 127.0.0.1
base_dir = $1/run
state_dir = $1/state
log_path = $1/log
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:$1/mail/%n
first_valid_uid = 1
mail_max_userip_connections = 50
passdb {
  driver = static
  args = password=some-password-9
}
userdb {
  driver = static
  args = uid=www-data gid=www-data home=$1/mail/%n
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Papierkorb {
    special_use = \\Trash
    auto = create
  }
}
service imap-login {
  inet_listener imap {
    port = $2
  }
  inet_listener imaps {
    port = 0
  }
}
SETTINGS
}
