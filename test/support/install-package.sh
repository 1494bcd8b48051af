# install-package.sh PACKAGE [SERVICE]: installs a Debian package unless it is there, and stops the service that Debian
# would start with it. Only one of these runs at a time, so that parallel test runs don't trip over apt's own locks.
set -e
export DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin"
exec 9>/run/parley-test-packages.lock
flock 9

case $(dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null) in
  *' installed') exit 0 ;;
esac
apt-get update -qq
apt-get install -qq --yes --no-install-recommends -o Dpkg::Use-Pty=0 "$1" 9>&-
# Where the service was not started, there is nothing to stop.
[ -z "$2" ] || service "$2" stop 9>&- || true
