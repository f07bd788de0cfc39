# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guests with servers that people run; for what loads vm.bash.

# What each server shows as a process; nfsd is a thread of the kernel.
servers='postgres mariadbd nginx apache2 cupsd nfsd rpc.mountd smbd nmbd rsyslogd cron exim4'
servers+=' ledgerd'

# start_servers STATE [OPTION]...: all servers are up and have something to lose: databases with rows in
# memory, a log line.
start_servers() {
  vm_start "$@"
  vm_run "for name in $servers; do pgrep -x \$name > /dev/null || { echo no \$name; exit 1; }; done"
  vm_run 'set -e
    cd /
    su postgres -c "psql -q -c \"create table kept as select generate_series(1, 1000) n\""
    mariadb -e "create database shop; use shop; create table kept select seq n from seq_1_to_1000"
    logger -t test kept'
}

# mount_own_export: a file on the export of the guest itself, through NFS.
mount_own_export() { vm_run 'mount -t nfs -o vers=4.2 127.0.0.1:/ /srv/import && seq 1000 > /srv/import/kept'; }
